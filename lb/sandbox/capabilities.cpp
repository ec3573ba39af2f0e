#include "lb/sandbox/capabilities.hpp"

#include <array>
#include <cerrno>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lb::sandbox {
namespace {

constexpr unsigned kKept = CAP_NET_BIND_SERVICE;
constexpr unsigned kMostCapabilities = 64;  // the kernel says which is the last that it knows

std::error_code last_error() { return {errno, std::generic_category()}; }

}  // namespace

std::error_code drop_capabilities() {
  // What a program executed as root could get back. Needs CAP_SETPCAP; who has not got it has
  // nothing to get back either, thanks to no_new_privs.
  for (unsigned one = 0; one < kMostCapabilities && ::prctl(PR_CAPBSET_READ, one) >= 0; ++one)
    if (one != kKept) ::prctl(PR_CAPBSET_DROP, one);

  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return last_error();
  constexpr auto kBit = CAP_TO_MASK(kKept);
  const auto kept = sets[0].permitted & kBit;
  sets = {};
  sets[0] = {.effective = kept, .permitted = kept, .inheritable = kept};
  if (::syscall(SYS_capset, &header, sets.data()) != 0) return last_error();
  // The next binary binds low ports, too, whoever runs it.
  if (kept != 0) ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kKept, 0, 0);
  return {};
}

}  // namespace lb::sandbox
