#include "vrrpd/election/both_active.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::election {
namespace {

using namespace std::chrono_literals;
constexpr common::TimePoint kStart{1h};
constexpr auto kInterval = 100ms;

TEST_CASE("The first word of a rival begins an episode, three silent intervals end it",
          "[vrrp][election][both-active]") {
  BothActive both;
  both.on_active(kStart);
  CHECK(both.on_rival(kInterval, kInterval, kStart + 1s));
  CHECK(both.now());
  CHECK_FALSE(both.on_rival(kInterval, kInterval, kStart + 1100ms));
  CHECK_FALSE(both.is_over(true, kStart + 1399ms));
  CHECK(both.is_over(true, kStart + 1400ms));
  CHECK_FALSE(both.now());
  CHECK_FALSE(both.is_over(true, kStart + 1500ms));
  CHECK(both.on_rival(kInterval, kInterval, kStart + 2s));
  CHECK(both.episodes() == 2);
}

TEST_CASE("The last word of who was relieved is no rival's", "[vrrp][election][both-active]") {
  BothActive both;
  both.on_active(kStart);
  CHECK_FALSE(both.on_rival(kInterval, kInterval, kStart + 99ms));
  CHECK(both.episodes() == 0);
  CHECK(both.on_rival(kInterval, kInterval, kStart + 100ms));
}

TEST_CASE("Who is heard only when asked is not gone between two questions",
          "[vrrp][election][both-active]") {
  BothActive both;
  CHECK(both.on_rival(kInterval, 1s, kStart));
  CHECK_FALSE(both.on_rival(kInterval, kInterval, kStart + 10ms));
  CHECK_FALSE(both.is_over(true, kStart + 2999ms));
  CHECK(both.is_over(true, kStart + 3s));
}

TEST_CASE("Who yields ends it", "[vrrp][election][both-active]") {
  BothActive both;
  CHECK(both.on_rival(kInterval, kInterval, kStart));
  CHECK(both.is_over(false, kStart + 1ms));
}

}  // namespace
}  // namespace vrrp::election
