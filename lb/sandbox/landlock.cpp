#include "lb/sandbox/landlock.hpp"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lb::sandbox {
namespace {

// Later than the headers of the oldest system we build on.
constexpr std::uint64_t kTruncate = 1ULL << 14U;     // ABI 3
constexpr std::uint64_t kIoctlDevice = 1ULL << 15U;  // ABI 5

constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kRead = kReadFile | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kExecute = kRead | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t kWriteFile = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
constexpr std::uint64_t kWrite = kRead | kWriteFile | LANDLOCK_ACCESS_FS_MAKE_REG;
constexpr std::uint64_t kSocket = LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE;
constexpr std::uint64_t kOfFiles = kReadFile | kWriteFile | LANDLOCK_ACCESS_FS_EXECUTE;

std::error_code last_error() { return {errno, std::generic_category()}; }

/// All that a kernel with this version of the interface can forbid.
std::uint64_t handled_by(long abi) {
  std::uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;
  if (abi >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) all |= kTruncate;
  if (abi >= 5) all |= kIoctlDevice;
  return all;
}

void allow(int ruleset, const std::string& path, std::uint64_t access) {
  const int file = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (file < 0) return;
  struct stat status {};
  if (::fstat(file, &status) == 0) {
    if (!S_ISDIR(status.st_mode)) access &= kOfFiles;
    const landlock_path_beneath_attr rule{access, file};
    ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  }
  ::close(file);
}

}  // namespace

std::error_code restrict_files(const Paths& paths) {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 0) return last_error();
  const auto handled = handled_by(abi);
  const landlock_ruleset_attr attributes{handled};
  const auto ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (ruleset < 0) return last_error();
  const auto allow_all = [&](const std::vector<std::string>& those, std::uint64_t access) {
    for (const auto& path : those) allow(ruleset, path, access & handled);
  };
  allow_all(paths.read, kRead);
  allow_all(paths.execute, kExecute);
  allow_all(paths.write, kWrite);
  allow_all(paths.sockets, kSocket);
  std::error_code error;
  if (::syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) error = last_error();
  ::close(ruleset);
  return error;
}

}  // namespace lb::sandbox
