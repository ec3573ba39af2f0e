#include "vrrpd/daemon/log_limit.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::daemon {
namespace {

using namespace std::chrono_literals;

TEST_CASE("One line each ten seconds, and it says how many were not written", "[vrrp][daemon]") {
  constexpr common::TimePoint kStart{1h};
  LogLimit limit;
  CHECK(limit.admits(kStart));
  CHECK(limit.suppressed() == 0);
  for (int i = 1; i < 1000; ++i) CHECK_FALSE(limit.admits(kStart + i * 1ms));
  CHECK(limit.admits(kStart + 10s));
  CHECK(limit.suppressed() == 999);
  CHECK(limit.admits(kStart + 20s));
  CHECK(limit.suppressed() == 0);
}

}  // namespace
}  // namespace vrrp::daemon
