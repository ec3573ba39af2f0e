#include "vrrpd/privileges/startup_pages.hpp"

#include <cstdint>
#include <link.h>
#include <span>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

namespace vrrp::privileges {
namespace {

/// What may never be written is as it stands in its file, and can be had from there again. What the
/// loader has written to (RELRO) lies in segments that were writable.
int release(dl_phdr_info* object, std::size_t, void*) {
  if (object->dlpi_addr == ::getauxval(AT_SYSINFO_EHDR)) return 0;  // the kernel's, no file
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (const auto& segment : std::span{object->dlpi_phdr, object->dlpi_phnum}) {
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const auto begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const auto end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    // Refused for locked pages, which is as it should be.
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void release_startup_pages() { ::dl_iterate_phdr(release, nullptr); }

}  // namespace vrrp::privileges
