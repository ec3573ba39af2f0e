#include "lb/sandbox/system_calls.hpp"

#include <cerrno>
#include <memory>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace lb::sandbox {
namespace {

// By name, as libseccomp resolves them: one that this architecture or this library does not know is
// left out. None of those of the hot path is judged by its arguments: the kernel then answers from
// a bitmap without running the filter.
constexpr const char* kAllowed[] = {
    // octets and descriptors
    "read",
    "write",
    "readv",
    "writev",
    "pread64",
    "pwrite64",
    "close",
    "close_range",
    "dup",
    "dup2",
    "dup3",
    "pipe",
    "pipe2",
    "fcntl",
    "lseek",
    "sendfile",
    "splice",
    "tee",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fallocate",
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
    "eventfd2",
    "timerfd_create",
    "timerfd_settime",
    "timerfd_gettime",
    "inotify_init1",
    "inotify_add_watch",
    "inotify_rm_watch",
    "nanosleep",
    "clock_nanosleep",
    "clock_gettime",
    "clock_getres",
    "gettimeofday",
    "time",
    "restart_syscall",
    // files, as far as Landlock lets them
    "open",
    "openat",
    "openat2",
    "stat",
    "lstat",
    "fstat",
    "newfstatat",
    "fstatfs",
    "statfs",
    "statx",
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
    // memory
    "brk",
    "mmap",
    "munmap",
    "mremap",
    "mprotect",
    "madvise",
    "membarrier",
    "memfd_create",
    // threads and time slices
    "futex",
    "set_robust_list",
    "get_robust_list",
    "rseq",
    "set_tid_address",
    "sched_yield",
    "sched_getaffinity",
    "sched_setaffinity",
    "sched_getparam",
    "getcpu",
    "gettid",
    "exit",
    "exit_group",
    // signals
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigpending",
    "rt_sigtimedwait",
    "sigaltstack",
    "tgkill",
    "kill",
    // the next binary: fork, exec, what a program does as it starts, and its own sandbox
    "fork",
    "vfork",
    "execve",
    "wait4",
    "waitid",
    "arch_prctl",
    "prctl",
    "capget",
    "capset",
    "seccomp",
    "landlock_create_ruleset",
    "landlock_add_rule",
    "landlock_restrict_self",
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
    "setrlimit",
    "prlimit64",
    "getrusage",
    "sysinfo",
    "uname",
    "times",
    "getrandom",
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    "ptrace",
    "personality",
    "process_vm_readv",
    "getpgrp",
    "setsid",
#endif
};

constexpr unsigned long kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                      CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr int kFamilies[] = {AF_INET, AF_INET6, AF_UNIX};
constexpr unsigned long kRequests[] = {FIONBIO, FIONREAD, FIOCLEX, TCGETS, TIOCGWINSZ, TIOCOUTQ};

}  // namespace

std::error_code restrict_system_calls() {
  const auto code = [](int negative) {
    return std::error_code{-negative, std::generic_category()};
  };
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter{seccomp_init(SCMP_ACT_ERRNO(EPERM)),
                                                                seccomp_release};
  if (!filter) return code(-ENOMEM);
  for (const char* name : kAllowed) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number < 0) continue;
    if (const int failed = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, number, 0))
      return code(failed);
  }
  for (const int family : kFamilies)
    seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                     SCMP_A0_32(SCMP_CMP_EQ, static_cast<unsigned>(family)));
  for (const auto request : kRequests)
    seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                     SCMP_A1_32(SCMP_CMP_EQ, static_cast<unsigned>(request)));
  // Threads and children, but no namespaces. What clone3 is asked for a filter cannot see, so libc
  // is told that there is none and asks clone.
  seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                   SCMP_A0(SCMP_CMP_MASKED_EQ, kNamespaces, 0));
  seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_LOG, 1);
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree instead of a list
  // Else older kernels slow down every load for fear of speculation.
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_SSB, 1);
  if (const int failed = seccomp_load(filter.get())) return code(failed);
  return {};
}

}  // namespace lb::sandbox
