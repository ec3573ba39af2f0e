#include "vrrpd/election/timers.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::election {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Skew_Time is exact at every interval", "[vrrp][election][rfc9568-6.1]") {
  CHECK(skew_time({100}, Centiseconds{100}) == 609'375us);
  CHECK(skew_time({200}, Centiseconds{10}) == 21'875us);
  CHECK(skew_time({254}, Centiseconds{1}) == 78'125ns);
  CHECK(skew_time({253}, Centiseconds{1}) == 117'187ns);
  CHECK(skew_time({1}, Centiseconds{1}) < 10ms);
}

TEST_CASE("A better Backup always waits less", "[vrrp][election][rfc9568-6.1]") {
  const auto interval = Centiseconds{GENERATE(1, 10, 100, 4095)};
  for (int priority = 1; priority < 254; ++priority)
    CHECK(skew_time({static_cast<std::uint8_t>(priority)}, interval) >
          skew_time({static_cast<std::uint8_t>(priority + 1)}, interval));
}

TEST_CASE("Active_Down_Interval is three intervals and the skew", "[vrrp][election][rfc9568-6.1]") {
  CHECK(active_down_interval({100}, Centiseconds{100}) == 3'609'375us);
  CHECK(active_down_interval({255}, Centiseconds{4095}) == 123'009'960'937ns);
}

TEST_CASE("An interval is learned only when it is believable", "[vrrp][election][rfc9568-8301]") {
  struct Case {
    int heard, own, learned;
  };
  const auto c = GENERATE(values<Case>({{100, 100, 100},
                                        {200, 100, 200},
                                        {400, 100, 400},
                                        {401, 100, 100},
                                        {4095, 100, 100},
                                        {25, 100, 25},
                                        {24, 100, 100},
                                        {0, 100, 100},
                                        {0, 1, 1},
                                        {1, 1, 1},
                                        {4, 1, 4},
                                        {5, 1, 1},
                                        {1, 4, 1},
                                        {1, 5, 5}}));
  CHECK(learned_interval(Centiseconds{c.heard}, Centiseconds{c.own}) == Centiseconds{c.learned});
}

TEST_CASE("VRRPv2 yields for a part of one second, whatever the interval",
          "[vrrp][election][rfc3768-6.1]") {
  CHECK(skew_time({128}, Centiseconds{300}, Version::V2) == 500ms);
  CHECK(active_down_interval({128}, Centiseconds{300}, Version::V2) == 9500ms);
}

}  // namespace
}  // namespace vrrp::election
