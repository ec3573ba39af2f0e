#include "vrrpd/daemon/descriptor_store.hpp"

#include "tests/support/catch.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vrrp::daemon {
namespace {

/// As a service manager starts it: `count` descriptors from 3 on, in a process of its own. Whether
/// `holds` is true there.
template <class Holds>
bool handed_over(int count, const char* names, Holds holds, bool meant_for_us = true) {
  const auto pid = ::fork();
  if (pid == 0) {
    ::syscall(SYS_close_range, 3U, ~0U, 0);
    for (int i = 0; i < count; ++i) ::open("/dev/null", O_RDONLY);
    ::setenv("LISTEN_PID", std::to_string(meant_for_us ? ::getpid() : ::getppid()).c_str(), 1);
    ::setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
    ::setenv("LISTEN_FDNAMES", names, 1);
    ::_exit(holds() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status == 0;
}

bool is_open(int number) { return ::fcntl(number, F_GETFD) >= 0; }

TEST_CASE("What an earlier run kept is found by its name, once", "[vrrp][daemon]") {
  CHECK(handed_over(2, "one:two", [] {
    DescriptorStore store;
    const auto two = store.take("two");
    return two && two->number() == 4 && ::fcntl(4, F_GETFD) == FD_CLOEXEC && !store.take("two") &&
           !store.take("three") && ::getenv("LISTEN_FDS") == nullptr;
  }));
}

TEST_CASE("What nobody takes is closed", "[vrrp][daemon]") {
  CHECK(handed_over(2, "one:two", [] {
    DescriptorStore store;
    const auto one = store.take("one");
    store.drop_rest();
    return is_open(3) && !is_open(4);
  }));
}

TEST_CASE("Descriptors without names, or fewer than are said, are no fault", "[vrrp][daemon]") {
  CHECK(handed_over(1, "", [] {
    DescriptorStore store;
    return !store.take("one");
  }));
  CHECK(handed_over(1, "one:two:three", [] {
    ::setenv("LISTEN_FDS", "3", 1);
    DescriptorStore store;
    return store.take("one") && !store.take("two");
  }));
}

TEST_CASE("Descriptors that are meant for another process are not touched", "[vrrp][daemon]") {
  CHECK(handed_over(
      1, "one",
      [] {
        {
          DescriptorStore store;
          if (store.take("one")) return false;
        }
        return is_open(3);
      },
      false));
}

}  // namespace
}  // namespace vrrp::daemon
