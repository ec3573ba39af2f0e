#include "tests/unit/vrrpd/election/routers.hpp"
#include "vrrpd/election/timers.hpp"

// Make before break, and what a restarted run takes up.

namespace vrrp::election {
namespace {

TEST_CASE("An Active Router that stops resigns and holds the addresses for its successor",
          "[vrrp][election][rfc9568-6.4.3][make-before-break]") {
  constexpr auto kGrace = VirtualRouter::kSuccessorGrace;
  const common::Duration interval{kInterval};
  auto router = active_router({.priority = {100}});
  CHECK(router.stop(kSettled) == Actions{SendAdvertisement{kResigning}});
  CHECK(router.state() == State::Initialize);
  CHECK(router.holding());

  SECTION("until a successor has spoken and had time to announce itself") {
    const auto heard_at = kSettled + 200ms;
    CHECK(router.on_advertisement(heard(1), heard_at).empty());
    CHECK(router.on_advertisement(heard(1), heard_at + 10ms).empty());
    CHECK(router.next_deadline() == heard_at + kGrace);
    CHECK(router.on_deadline(heard_at + kGrace - 1ns).empty());
    CHECK(router.on_deadline(heard_at + kGrace) == Actions{ReleaseAddresses{}});
  }
  SECTION("another's resignation is no successor") {
    router.on_advertisement(heard(0), kSettled + 1ms);
    CHECK(router.next_deadline() == kSettled + interval);
    CHECK(router.abort() == Actions{ReleaseAddresses{}});
  }
  SECTION("for a bounded time, in which it resigns again") {
    for (int i = 1; i < VirtualRouter::kLongestHold; ++i) {
      CHECK(router.next_deadline() == kSettled + i * interval);
      CHECK(router.on_deadline(kSettled + i * interval) == Actions{SendAdvertisement{kResigning}});
    }
    CHECK(router.on_deadline(kSettled + VirtualRouter::kLongestHold * interval) ==
          Actions{ReleaseAddresses{}});
  }
  SECTION("or until the operator will not wait") {
    CHECK(router.abort() == Actions{ReleaseAddresses{}});
  }
  CHECK_FALSE(router.holding());
  CHECK(router.next_deadline() == common::TimePoint::max());
}

TEST_CASE("A router that was Active goes on at once when nobody can have taken over",
          "[vrrp][election][restart]") {
  VirtualRouter router{{.priority = {100}}};
  CHECK(router.adopt(true, kStart) == kTakeOver100);
  CHECK(router.state() == State::Active);
}

TEST_CASE("A router that may have been replaced listens with the addresses in place",
          "[vrrp][election][restart]") {
  VirtualRouter router{{.priority = {100}}};
  CHECK(router.adopt(false, kStart).empty());
  CHECK(router.state() == State::Backup);
  SECTION("and goes on when nobody speaks for an interval and a half") {
    const auto due = kStart + common::Duration{kInterval} * 3 / 2;
    CHECK(router.next_deadline() == due);
    CHECK(router.on_deadline(due) == kTakeOver100);
  }
  SECTION("and lets them go when anybody advertises, better or not") {
    const int priority = GENERATE(1, 100, 200);
    CHECK(router.on_advertisement(heard(priority), kStart + 10ms) == Actions{ReleaseAddresses{}});
    CHECK(router.state() == State::Backup);
    CHECK(router.next_deadline() == kStart + 10ms + active_down_interval({100}, kInterval));
    CHECK(router.on_advertisement(heard(priority), kStart + 20ms).empty());
  }
  SECTION("and lets them go when it turns out not to be fit, or is stopped") {
    CHECK(router.on_priority(kResigning, kStart + 10ms) == Actions{ReleaseAddresses{}});
    CHECK(router.next_deadline() == common::TimePoint::max());
    CHECK(router.stop(kStart + 20ms).empty());
  }
  SECTION("and when it is stopped") {
    CHECK(router.stop(kStart + 20ms) == Actions{ReleaseAddresses{}});
  }
}

TEST_CASE("A router that is not fit adopts nothing", "[vrrp][election][restart]") {
  VirtualRouter router{{.priority = {100}}};
  router.on_priority(kResigning, kStart);
  CHECK(router.adopt(GENERATE(true, false), kStart) == Actions{ReleaseAddresses{}});
  CHECK(router.state() == State::Backup);
}

TEST_CASE("What was given away on purpose is not taken back from a lesser router that serves",
          "[vrrp][election][handover]") {
  auto router = active_router({.priority = {200}});
  CHECK(router.give_away(kSettled) == Actions{SendAdvertisement{kResigning}});
  CHECK(router.state() == State::Backup);
  CHECK(router.holding());
  CHECK(router.give_away(kSettled).empty());

  auto now = kSettled + 10ms;
  router.on_advertisement(heard(100, false), now);
  now += VirtualRouter::kSuccessorGrace;
  CHECK(router.on_deadline(now) == Actions{ReleaseAddresses{}});
  CHECK(router.gave_away());
  for (int i = 0; i < 20; ++i) {
    router.on_advertisement(heard(100, false), now += common::Duration{kInterval});
    CHECK(router.on_deadline(now).empty());
  }
  // When that one falls silent it is Active as ever, and preempts again the next time.
  now = router.next_deadline();
  CHECK(now != common::TimePoint::max());
  CHECK(router.on_deadline(now).front() == Action{TakeAddresses{}});
  CHECK_FALSE(router.gave_away());
}

TEST_CASE("What nobody takes stays: a handover without a peer leaves no moment without addresses",
          "[vrrp][election][handover]") {
  auto router = active_router({.priority = {100}});
  router.give_away(kSettled);
  while (router.state() != State::Active) {
    const auto now = router.next_deadline();
    for (const auto& action : router.on_deadline(now))
      CHECK_FALSE(std::holds_alternative<ReleaseAddresses>(action));
  }
  CHECK_FALSE(router.holding());
}

}  // namespace
}  // namespace vrrp::election
