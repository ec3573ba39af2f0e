#include "lb/sandbox/sandbox.hpp"

#include "tests/support/catch.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <netinet/in.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lb::sandbox;

namespace {

/// Folders of their own: one that may be read, one that may be written, one that nobody named.
struct Folders {
  std::string root = make();
  std::string readable = root + "/readable";
  std::string writable = root + "/writable";
  std::string secret = root + "/secret";

  static std::string make() {
    std::string path = "/tmp/lbd-sandbox-XXXXXX";
    return ::mkdtemp(path.data());
  }
  Folders() {
    for (const auto& folder : {readable, writable, secret}) {
      ::mkdir(folder.c_str(), 0700);
      ::close(::open((folder + "/file").c_str(), O_CREAT | O_WRONLY, 0600));
    }
  }
  ~Folders() {
    for (const auto& folder : {readable, writable, secret}) {
      ::unlink((folder + "/file").c_str());
      ::unlink((folder + "/new").c_str());
      ::rmdir(folder.c_str());
    }
    ::rmdir(root.c_str());
  }
  Paths paths() const {
    return {.read = {"/etc", "/usr", "/lib", "/lib64", readable},
            .execute = {},
            .write = {writable},
            .sockets = {}};
  }
};

/// The exit status of a confined child that does `what`; 100 when the sandbox is not whole.
int confined(const Folders& folders, const std::function<int()>& what) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto report = confine(folders.paths(), true, "");
    ::_exit(report.missing.empty() ? what() : 100);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

int opened(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags, 0600);
  return file >= 0 ? 0 : errno;
}

int error_of(long result) { return result >= 0 ? 0 : errno; }

bool has_landlock() { return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) > 0; }

}  // namespace

TEST_CASE("Who is confined reads and writes only what was named", "[sandbox]") {
  if (!has_landlock()) return;
  const Folders folders;
  const auto tries = [&](const std::string& path, int flags) {
    return confined(folders, [&] { return opened(path, flags); });
  };
  CHECK(tries(folders.readable + "/file", O_RDONLY) == 0);
  CHECK(tries(folders.readable + "/file", O_WRONLY) == EACCES);
  CHECK(tries(folders.readable + "/new", O_WRONLY | O_CREAT) == EACCES);
  CHECK(tries(folders.writable + "/file", O_WRONLY | O_APPEND) == 0);
  CHECK(tries(folders.writable + "/new", O_WRONLY | O_CREAT | O_APPEND) == 0);
  CHECK(tries(folders.secret + "/file", O_RDONLY) == EACCES);
  CHECK(tries(folders.secret, O_RDONLY | O_DIRECTORY) == EACCES);
  CHECK(tries("/etc/passwd", O_RDONLY) == 0);
  CHECK(tries("/etc/passwd", O_WRONLY) == EACCES);
  CHECK(tries("/root", O_RDONLY | O_DIRECTORY) == EACCES);
  CHECK(confined(folders, [&] {
          return error_of(::unlink((folders.writable + "/file").c_str()));
        }) == EACCES);
  CHECK(confined(folders, [] { return error_of(::execl("/bin/true", "true", nullptr)); }) ==
        EACCES);
}

TEST_CASE("System calls that a load balancer does not make are refused, not fatal", "[sandbox]") {
  if (!has_landlock()) return;
  const Folders folders;
  const std::pair<const char*, std::function<long()>> calls[] = {
      {"unshare", [] { return long{::unshare(CLONE_NEWUSER)}; }},
      {"clone into a namespace",
       [] { return ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0); }},
      {"mount", [] { return long{::mount("none", "/tmp", "tmpfs", 0, nullptr)}; }},
      {"chroot", [] { return long{::chroot("/tmp")}; }},
      {"setuid", [] { return long{::setuid(0)}; }},
      {"bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }},
      {"io_uring_setup", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); }},
      {"keyctl", [] { return ::syscall(SYS_keyctl, 0, 0); }},
      {"a packet socket", [] { return long{::socket(AF_PACKET, SOCK_RAW, 0)}; }},
      {"a netlink socket", [] { return long{::socket(AF_NETLINK, SOCK_RAW, 0)}; }},
      {"symlink", [] { return long{::symlink("/etc/passwd", "/tmp/lbd-link")}; }},
  };
  for (const auto& [name, call] : calls) {
    INFO(name);
    CHECK(confined(folders, [&call = call] { return error_of(call()); }) == EPERM);
  }
}

#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // they need what is refused here
TEST_CASE("Nobody looks into another process", "[sandbox]") {
  if (!has_landlock()) return;
  const Folders folders;
  CHECK(confined(folders, [] { return error_of(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }) ==
        EPERM);
  CHECK(confined(folders, [] {
          return error_of(::syscall(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0));
        }) == EPERM);
}
#endif

TEST_CASE("What a load balancer does is still possible", "[sandbox]") {
  if (!has_landlock()) return;
  const Folders folders;
  for (const int family : {AF_INET, AF_INET6, AF_UNIX})
    CHECK(confined(folders, [&] { return error_of(::socket(family, SOCK_STREAM, 0)); }) == 0);
  CHECK(confined(folders, [] {
          const pid_t child = ::fork();
          if (child == 0) ::_exit(7);
          int status = 0;
          ::waitpid(child, &status, 0);
          return WEXITSTATUS(status);
        }) == 7);
}

TEST_CASE("Security 40: privileges are gone, and no program brings them back", "[sandbox]") {
  if (!has_landlock()) return;
  const Folders folders;
  CHECK(confined(folders, [] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); }) == 1);
  if (::geteuid() != 0) return;
  // CAP_NET_BIND_SERVICE is 10, CAP_SYS_ADMIN 21, CAP_DAC_OVERRIDE 1.
  CHECK(confined(folders, [] { return ::prctl(PR_CAPBSET_READ, 10); }) == 1);
  CHECK(confined(folders, [] { return ::prctl(PR_CAPBSET_READ, 21); }) == 0);
  CHECK(confined(folders, [] { return ::prctl(PR_CAPBSET_READ, 1); }) == 0);
  CHECK(confined(folders, [] {
          const int socket = ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
          return socket >= 0 ? 0 : errno;
        }) == EPERM);
}

TEST_CASE("What is in force already is not put on again, and seccomp may be left out",
          "[sandbox]") {
  if (!has_landlock()) return;
  const Folders folders;
  const auto in_force = [&](bool seccomp, const char* inherited) {
    return confined(folders, [&] {
      const auto report = confine(folders.paths(), seccomp, inherited);
      return static_cast<int>(10 * report.missing.size() + report.in_force.size());
    });
  };
  // Inside of a sandbox: the sixteenth layer of Landlock would be refused, the others are free.
  CHECK(in_force(true, "landlock seccomp") == 4);
  CHECK(in_force(false, "landlock") == 3);
  CHECK(in_force(false, "landlock seccomp") == 4);
}
