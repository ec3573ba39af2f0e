#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lb::sandbox {

struct SandboxOptions {
  bool enabled{true};
  /// The filter of system calls: the one part with a price, some 35 ns a call (1 to 3 % of a small
  /// request). A service manager that puts on a filter of its own has paid it already.
  bool seccomp{true};
  std::vector<std::string> read;     // folders beside those that the configuration names files in
  std::vector<std::string> execute;  // folders of the next binary beside that of this one

  bool operator==(const SandboxOptions&) const = default;
};

/// What stays reachable in the file system. A folder stands for all that is in it; what does not
/// exist is left out.
struct Paths {
  std::vector<std::string> read;
  std::vector<std::string> execute;  // and read
  std::vector<std::string> write;    // folders: files may be made and written
  std::vector<std::string> sockets;  // folders: Unix sockets may be made and removed
};

/// What is in force, and for what is not, why.
struct Report {
  std::vector<std::string> in_force;
  std::vector<std::string> missing;
};

/// Gives away, for this thread and all that it makes later, and for every program it executes, what
/// a load balancer needs no more once it listens:
///  · all capabilities but CAP_NET_BIND_SERVICE, which a reload needs to open a port below 1024;
///  · the gain of privileges by executing a program (no_new_privs);
///  · the file system but for `paths` (Landlock, Linux 5.13);
///  · all system calls that it does not use (seccomp). A forbidden one fails with EPERM and is
///    audited. The process is not killed for it: a call that a library makes once in a blue moon
///    would be an outage, and whoever was to profit of the call has not got it either way.
///
/// What the kernel does not have is left out, and `seccomp` on request. `inherited`: what was in
/// force (`Report::in_force`, joined by blanks) in the process that executed this program. Landlock
/// and seccomp hold over execve and are not piled up.
Report confine(const Paths& paths, bool seccomp, std::string_view inherited);

}  // namespace lb::sandbox
