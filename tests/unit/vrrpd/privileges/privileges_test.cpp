#include "vrrpd/privileges/privileges.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/privileges/system_calls.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vrrp::privileges {
namespace {

/// What a child has in /proc/self/status after `drop_capabilities`.
std::string status_after_dropping() {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const auto child = ::fork();
  if (child == 0) {
    if (drop_capabilities()) ::_exit(1);
    ::dup2(pipe[1], STDOUT_FILENO);
    ::execl("/bin/cat", "cat", "/proc/self/status", nullptr);
    ::_exit(1);
  }
  ::close(pipe[1]);
  std::string text;
  char octets[4096];
  for (ssize_t size = 0; (size = ::read(pipe[0], octets, sizeof octets)) > 0;)
    text.append(octets, static_cast<std::size_t>(size));
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(status == 0);
  return text;
}

TEST_CASE("At most two capabilities are left, also over an exec", "[vrrp][privileges]") {
  const auto status = status_after_dropping();
  const auto at = status.find("CapEff:\t");
  REQUIRE(at != std::string::npos);
  const auto left = std::stoull(status.substr(at + 8, 16), nullptr, 16);
  CHECK((left & ~0x3000ULL) == 0);  // CAP_NET_ADMIN 12, CAP_NET_RAW 13
  if (missing_capabilities().empty()) CHECK(left == 0x3000ULL);
  CHECK(status.find("NoNewPrivs:\t1") != std::string::npos);
}

/// What the child of a test that may no longer do everything says by its exit status.
template <class Body>
int exit_status_of(Body body) {
  const auto child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_forbidden(long result) { return result < 0 && errno == EPERM; }

TEST_CASE("With the filter nothing can be executed, and no process be made",
          "[vrrp][privileges][seccomp]") {
  const int status = exit_status_of([] {
    if (drop_capabilities() || restrict_system_calls()) return 1;
    char name[] = "/bin/true";
    char* arguments[] = {name, nullptr};
    if (!is_forbidden(::execv(name, arguments))) return 2;
    if (!is_forbidden(::syscall(SYS_unshare, 0))) return 3;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    if (!is_forbidden(::fork())) return 4;
#endif
    if (!is_forbidden(::socket(AF_VSOCK, SOCK_STREAM, 0))) return 5;
    return is_forbidden(::syscall(SYS_bpf, 0, nullptr, 0)) ? 0 : 6;
  });
  CHECK(status == 0);
}

TEST_CASE("The filter leaves what vrrpd lives on", "[vrrp][privileges][seccomp]") {
  const int status = exit_status_of([] {
    if (drop_capabilities() || restrict_system_calls()) return 1;
    if (::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) < 0) return 2;
    if (::socket(AF_UNIX, SOCK_STREAM, 0) < 0) return 3;
    if (is_forbidden(::socket(AF_PACKET, SOCK_RAW, 0)) && missing_capabilities().empty()) return 4;
    const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 5;
    const int itself = static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0));
    return itself < 0 ? 6 : 0;
  });
  CHECK(status == 0);
}

TEST_CASE("Nothing is scheduled that was not asked for", "[vrrp][privileges]") {
  CHECK(schedule({}).empty());
}

TEST_CASE("A processor that is not there is told", "[vrrp][privileges]") {
  const auto failures = schedule({.cpu = 1023});
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].starts_with("scheduling.cpu: "));
}

}  // namespace
}  // namespace vrrp::privileges
