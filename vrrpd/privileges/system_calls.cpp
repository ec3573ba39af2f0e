#include "vrrpd/privileges/system_calls.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <net/if.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace vrrp::privileges {
namespace {

// By name, as libseccomp resolves them: one that this architecture or this library does not know is
// left out. Those of an advertisement are not judged by their arguments: the kernel then answers
// from a bitmap without running the filter.
constexpr const char* kAllowed[] = {
    // octets and descriptors
    "read",
    "write",
    "readv",
    "writev",
    "pread64",
    "close",
    "dup",
    "fcntl",
    "lseek",
    "pipe2",
    "eventfd2",
    // sockets; `socket` itself is judged by its family
    "socketpair",
    "bind",
    "listen",
    "accept",
    "accept4",
    "connect",
    "getsockname",
    "getpeername",
    "setsockopt",
    "getsockopt",
    "shutdown",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    // waiting
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_gettime",
    "nanosleep",
    "clock_nanosleep",
    "clock_gettime",
    "clock_getres",
    "gettimeofday",
    "time",
    "restart_syscall",
    // files: the configuration, what is kept for the next run, /proc for processes, libraries
    "open",
    "openat",
    "openat2",
    "stat",
    "lstat",
    "fstat",
    "newfstatat",
    "statx",
    "statfs",
    "fstatfs",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "getdents64",
    "getcwd",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "chmod",
    "fchmod",
    "fchmodat",
    "umask",
    "fsync",
    "fdatasync",
    "ftruncate",
    // memory
    "brk",
    "mmap",
    "munmap",
    "mremap",
    "mprotect",
    "madvise",
    "mlock",
    "munlock",
    "membarrier",
    // time slices, and what libc asks at its own
    "futex",
    "set_robust_list",
    "rseq",
    "sched_yield",
    "sched_getaffinity",
    "getcpu",
    "gettid",
    "exit",
    "exit_group",
    // signals, a process that is looked after
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigpending",
    "rt_sigtimedwait",
    "sigaltstack",
    "tgkill",
    "pidfd_open",
    "wait4",
    "waitid",
    // asking about ourselves
    "getpid",
    "getppid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getresuid",
    "getresgid",
    "getrlimit",
    "prlimit64",
    "getrusage",
    "sysinfo",
    "uname",
    "times",
    "getrandom",
    "capget",
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    "clone",
    "fork",
    "ptrace",
    "prctl",
    "personality",
    "process_vm_readv",
    "getpgrp",
    "setsid",
    "setrlimit",
    "sched_getparam",
    "kill",
#endif
};

constexpr int kFamilies[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET};
constexpr unsigned long kRequests[] = {FIONBIO, FIONREAD,     FIOCLEX,
                                       TCGETS,  SIOCGIFINDEX, SIOCGIFNAME};

}  // namespace

std::optional<std::string> restrict_system_calls() {
  const auto refused = [](int negative) {
    return std::optional{std::string{"seccomp: "} + std::strerror(-negative)};
  };
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter{seccomp_init(SCMP_ACT_ERRNO(EPERM)),
                                                                seccomp_release};
  if (!filter) return refused(-ENOMEM);
  for (const char* name : kAllowed) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number < 0) continue;
    if (const int failed = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, number, 0))
      return refused(failed);
  }
  for (const int family : kFamilies)
    seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                     SCMP_A0_32(SCMP_CMP_EQ, static_cast<unsigned>(family)));
  for (const auto request : kRequests)
    seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                     SCMP_A1_32(SCMP_CMP_EQ, static_cast<unsigned>(request)));
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_LOG, 1);
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree instead of a list
  // Else older kernels slow down every load for fear of speculation.
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_SSB, 1);
  if (const int failed = seccomp_load(filter.get())) return refused(failed);
  return std::nullopt;
}

}  // namespace vrrp::privileges
