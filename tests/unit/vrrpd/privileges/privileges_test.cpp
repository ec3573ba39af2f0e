#include "vrrpd/privileges/privileges.hpp"

#include "tests/support/catch.hpp"

#include <fstream>
#include <sstream>
#include <string>
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
