#include "vrrpd/link/arrival.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::link {
namespace {

using namespace std::chrono_literals;

constexpr common::TimePoint kNow{1000s};
constexpr common::Duration kWall{1'700'000'000s};

TEST_CASE("A packet came as long ago as its stamp says", "[vrrp][link]") {
  Arrival arrival;
  CHECK(arrival.of(kWall - 30ms, kWall, kNow) == kNow - 30ms);
  CHECK(arrival.of(kWall + 5ms, kWall + 10ms, kNow + 10ms) == kNow + 5ms);
  CHECK(arrival.of(kWall + 30ms, kWall + 20ms, kNow + 20ms) == kNow + 20ms);  // of the future
  CHECK(arrival.of(kWall - 1h, kWall + 30ms, kNow + 30ms) == kNow + 30ms);
}

TEST_CASE("No stamp from before the clock of people was set is believed", "[vrrp][link]") {
  const auto set = GENERATE(50ms, 10s, -50ms, -10s);
  Arrival arrival;
  arrival.of(kWall, kWall, kNow);
  // Three that lay in the socket meanwhile are read one after the other.
  for (const auto came : {10ms, 20ms, 30ms}) {
    const auto read = 31ms + came / 10;
    CHECK(arrival.of(kWall + came, kWall + read + set, kNow + read) == kNow + read);
  }
  CHECK(arrival.of(kWall + 40ms + set, kWall + 60ms + set, kNow + 60ms) == kNow + 40ms);
}

TEST_CASE("Two clocks that are not read at quite the same moment were not set", "[vrrp][link]") {
  Arrival arrival;
  arrival.of(kWall, kWall, kNow);
  CHECK(arrival.of(kWall, kWall + 20ms + 100us, kNow + 20ms) == kNow - 100us);
}

}  // namespace
}  // namespace vrrp::link
