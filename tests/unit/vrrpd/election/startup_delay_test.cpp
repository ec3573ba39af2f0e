#include "tests/unit/vrrpd/election/routers.hpp"
#include "vrrpd/election/timers.hpp"

// A node that boots behind a switch port that does not forward yet.

namespace vrrp::election {
namespace {

constexpr auto kUntil = kStart + 30s;

VirtualRouter starting(Parameters parameters) {
  VirtualRouter router{parameters};
  REQUIRE(router.start(kStart, kUntil).empty());
  REQUIRE(router.state() == State::Backup);
  return router;
}

TEST_CASE("A router that hears nobody counts silence from the end of the delay",
          "[vrrp][election][startup-delay]") {
  const int priority = GENERATE(100, 255);  // an owner, too
  auto router = starting({.priority = {static_cast<std::uint8_t>(priority)}});
  const auto due = kUntil + active_down_interval(router.priority(), kInterval);
  CHECK(router.next_deadline() == due);
  CHECK(router.delayed(kUntil - 1ns));
  CHECK(router.on_deadline(due - 1ns).empty());
  CHECK(router.on_deadline(due).front() == Action{TakeAddresses{}});
  CHECK_FALSE(router.delayed(due));
}

TEST_CASE("A better router leaves a lesser one alone until the delay is over",
          "[vrrp][election][startup-delay]") {
  auto router = starting({.priority = {200}});
  auto now = kStart;
  for (; now < kUntil; now += common::Duration{kInterval}) {
    CHECK(router.on_advertisement(heard(100), now).empty());
    CHECK(router.on_deadline(now).empty());
  }
  REQUIRE(router.state() == State::Backup);
  const auto due = router.next_deadline();
  CHECK(due == kUntil + active_down_interval({200}, kInterval));
  CHECK(router.on_deadline(due).front() == Action{TakeAddresses{}});
}

TEST_CASE("Nothing that happens shortens the delay", "[vrrp][election][startup-delay]") {
  auto router = starting({.priority = {100}});
  SECTION("a resignation") { router.on_advertisement(heard(0), kStart + 1s); }
  SECTION("another priority") { router.on_priority({200}, kStart + 1s); }
  SECTION("it owns the addresses") { router.on_priority(kOwner, kStart + 1s); }
  SECTION("it was not fit for a moment") {
    router.on_priority(kResigning, kStart + 1s);
    router.on_priority({100}, kStart + 2s);
  }
  SECTION("other parameters") { router.on_parameters({.priority = {100}}, kStart + 1s); }
  SECTION("a lesser one that falls silent") { router.on_advertisement(heard(50), kStart + 1s); }
  CHECK(router.state() == State::Backup);
  CHECK(router.next_deadline() > kUntil);
}

TEST_CASE("Preempt_Delay begins when the delay is over", "[vrrp][election][startup-delay]") {
  auto router = starting({.priority = {200}, .preempt_delay = 10s});
  for (auto now = kStart; now < kUntil + 10s; now += common::Duration{kInterval}) {
    router.on_advertisement(heard(100), now);
    CHECK(router.on_deadline(now).empty());
  }
  CHECK(router.next_deadline() < kUntil + 14s);
}

TEST_CASE("What a peer hands over is taken all the same", "[vrrp][election][startup-delay]") {
  auto router = starting({.priority = {100}});
  CHECK(router.take_over(kStart + 1s) == kTakeOver100);
}

}  // namespace
}  // namespace vrrp::election
