#include "tests/unit/vrrpd/election/routers.hpp"
#include "vrrpd/election/timers.hpp"

namespace vrrp::election {
namespace {

// Initialize, §6.4.1

TEST_CASE("A router starts as Backup and waits Active_Down_Interval of its own interval",
          "[vrrp][election][rfc9568-6.4.1]") {
  const auto router = backup_router({.priority = {100}, .advertisement_interval = kInterval});
  CHECK(router.next_deadline() == kStart + active_down_interval({100}, kInterval));
}

TEST_CASE("The address owner is Active at once", "[vrrp][election][rfc9568-6.4.1]") {
  VirtualRouter router{{.priority = kOwner}};
  CHECK(router.start(kStart) == Actions{TakeAddresses{}, Announce{}, SendAdvertisement{kOwner}});
  CHECK(router.state() == State::Active);
}

TEST_CASE("Before the start and after the stop nothing is answered",
          "[vrrp][election][rfc9568-6.4.1]") {
  VirtualRouter router{{.priority = {100}}};
  if (GENERATE(false, true)) {
    router.start(kStart);
    router.stop(kStart);
  }
  CHECK(router.on_advertisement(heard(1), kStart).empty());
  CHECK(router.on_deadline(kStart + 1h).empty());
  CHECK(router.state() == State::Initialize);
  CHECK(router.next_deadline() == common::TimePoint::max());
}

// Backup, §6.4.2

TEST_CASE("A Backup takes over when the Active_Down_Timer fires",
          "[vrrp][election][rfc9568-6.4.2]") {
  auto router = backup_router({.priority = {100}});
  const auto due = router.next_deadline();
  CHECK(router.on_deadline(due - 1ns).empty());
  CHECK(router.state() == State::Backup);
  // Addresses and announcement before the advertisement, all in one turn.
  CHECK(router.on_deadline(due) == kTakeOver100);
  CHECK(router.state() == State::Active);
}

TEST_CASE("A Backup that stops says nothing", "[vrrp][election][rfc9568-6.4.2]") {
  auto router = backup_router({.priority = {100}});
  CHECK(router.stop(kSettled).empty());
  CHECK_FALSE(router.holding());
  CHECK(router.state() == State::Initialize);
}

TEST_CASE("An advertisement in state Backup", "[vrrp][election][rfc9568-6.4.2]") {
  struct Case {
    const char* name;
    int priority;
    bool preempt_mode;
    common::Duration wait;  // from its reception, or 0: the timer goes on as it was
  };
  const auto down = active_down_interval({100}, Centiseconds{200});  // of the interval it learns
  const auto c = GENERATE_COPY(values<Case>({
      {"a better one", 150, true, down},
      {"an equal one", 100, true, down},
      {"a worse one is ignored, we shall preempt it", 99, true, 0s},
      {"a worse one is obeyed without Preempt_Mode", 99, false, down},
      {"the owner", 255, true, down},
      {"it resigns: Skew_Time only", 0, true, skew_time({100}, kInterval)},
      {"it resigns, without Preempt_Mode", 0, false, skew_time({100}, kInterval)},
  }));
  CAPTURE(c.name);
  auto router = backup_router({.priority = {100}, .preempt_mode = c.preempt_mode});
  const auto before = router.next_deadline();
  const auto now = kStart + 1s;
  CHECK(router.on_advertisement(heard(c.priority, true, Centiseconds{200}), now).empty());
  CHECK(router.state() == State::Backup);
  CHECK(router.next_deadline() == (c.wait == 0s ? before : now + c.wait));
}

TEST_CASE("A worse Active Router is left alone for Preempt_Delay", "[vrrp][election][preempt]") {
  auto router = backup_router({.priority = {100}, .preempt_delay = 10s});
  auto now = kStart;
  for (; now < kStart + 10s; now += 1s) {
    router.on_advertisement(heard(50), now);
    CHECK(router.next_deadline() == now + active_down_interval({100}, kInterval));
  }
  const auto due = router.next_deadline();
  router.on_advertisement(heard(50), now);
  CHECK(router.next_deadline() == due);  // from now on it is ignored
  CHECK(router.on_deadline(due) == kTakeOver100);
  SECTION("silence needs no delay") {
    auto alone = backup_router({.priority = {100}, .preempt_delay = 10s});
    CHECK(alone.next_deadline() == kStart + active_down_interval({100}, kInterval));
  }
  SECTION("fit again, it waits again") {
    router.on_priority({0}, due + 1s);
    router.abort();  // no longer holding for a successor
    router.on_priority({100}, due + 2s);
    router.on_advertisement(heard(50), due + 5s);
    CHECK(router.next_deadline() == due + 5s + active_down_interval({100}, kInterval));
  }
}

TEST_CASE("Repeated resignations do not prolong the wait", "[vrrp][election][rfc9568-6.4.2]") {
  auto router = backup_router({.priority = {100}});
  router.on_advertisement(heard(0), kStart + 1s);
  const auto due = router.next_deadline();
  router.on_advertisement(heard(0), kStart + 1s + 500ms);
  CHECK(router.next_deadline() == due);
  // A sign of life after it counts again.
  router.on_advertisement(heard(200), kStart + 1s + 550ms);
  CHECK(router.next_deadline() == kStart + 1s + 550ms + active_down_interval({100}, kInterval));
}

TEST_CASE("A resignation late in the silence does not prolong it",
          "[vrrp][election][rfc9568-6.4.2]") {
  auto router = backup_router({.priority = {100}});
  const auto due = router.next_deadline();
  router.on_advertisement(heard(0), due - 1ms);
  CHECK(router.next_deadline() == due);
}

TEST_CASE("An absurd interval is not learned", "[vrrp][election][rfc9568-8301]") {
  auto router = backup_router({.priority = {100}});
  router.on_advertisement(heard(255, true, Centiseconds{GENERATE(0, 24, 401, 4095)}), kStart + 1s);
  CHECK(router.active_adver_interval() == kInterval);
  CHECK(router.next_deadline() == kStart + 1s + active_down_interval({100}, kInterval));
}

TEST_CASE("A Backup that was not running for an interval listens once more before it judges",
          "[vrrp][election][stall]") {
  auto router = backup_router({.priority = {100}});
  const auto late = router.next_deadline() + 1s + 1ns;
  CHECK(router.on_deadline(late).empty());
  CHECK(router.state() == State::Backup);
  CHECK(router.next_deadline() == late + 1500ms);
  SECTION("silence: it takes over, however late it is called again") {
    CHECK(router.on_deadline(late + 1h) == kTakeOver100);
  }
  SECTION("a sign of life: it goes on as Backup, and is forgiven again") {
    router.on_advertisement(heard(200), late + 1ms);
    CHECK(router.on_deadline(router.next_deadline() + 2s).empty());
    CHECK(router.state() == State::Backup);
  }
}

// Active, §6.4.3

TEST_CASE("An Active Router advertises at absolute times", "[vrrp][election][rfc9568-6.4.3]") {
  auto router = active_router({.priority = {100}});
  const auto due = router.next_deadline();
  const Actions advertise{SendAdvertisement{{100}}};
  CHECK(router.on_deadline(due + 30ms) == advertise);
  CHECK(router.next_deadline() == due + 1s);
  // Late by more than an interval: afresh, and no burst to make up for it.
  CHECK(router.on_deadline(due + 3500ms) == advertise);
  CHECK(router.next_deadline() == due + 4500ms);
}

TEST_CASE("A takeover is announced again and again between the advertisements",
          "[vrrp][election][announcements]") {
  auto router = backup_router({.priority = {100}});
  const auto taken = router.next_deadline();
  router.on_deadline(taken);
  std::vector<common::Duration> announced;
  while (router.next_deadline() < taken + 5s) {
    const auto at = router.next_deadline();
    for (const auto& action : router.on_deadline(at))
      if (std::holds_alternative<Announce>(action)) announced.push_back(at - taken);
  }
  CHECK(announced == std::vector<common::Duration>{20ms, 100ms, 500ms, 1050ms, 2s});
}

TEST_CASE("An advertisement in state Active", "[vrrp][election][rfc9568-6.4.3]") {
  struct Case {
    const char* name;
    int priority;
    bool from_greater_address;
    State becomes;
  };
  const auto c = GENERATE(values<Case>({
      {"higher priority wins", 101, false, State::Backup},
      {"the owner wins", 255, false, State::Backup},
      {"equal priority, greater address wins", 100, true, State::Backup},
      {"equal priority, smaller address loses", 100, false, State::Active},
      {"lower priority loses", 99, true, State::Active},
      {"a resigning router never wins", 0, true, State::Active},
  }));
  CAPTURE(c.name);
  const bool preempt_mode = GENERATE(true, false);  // makes no difference here
  auto router = active_router({.priority = {100}, .preempt_mode = preempt_mode});
  const auto now = kSettled + 100ms;
  const auto before = router.next_deadline();
  const auto actions =
      router.on_advertisement(heard(c.priority, c.from_greater_address, Centiseconds{200}), now);
  CHECK(router.state() == c.becomes);
  if (c.becomes == State::Backup) {
    CHECK(actions == Actions{ReleaseAddresses{}, SendAdvertisement{{100}}});
    CHECK(router.active_adver_interval() == Centiseconds{200});
    CHECK(router.next_deadline() == now + active_down_interval({100}, Centiseconds{200}));
  } else {
    CHECK(actions == Actions{SendAdvertisement{{100}}, Announce{}});
    CHECK(router.next_deadline() == now + 20ms);  // the next announcement
    router.on_deadline(now + 20ms);
    router.on_deadline(now + 100ms);
    router.on_deadline(now + 500ms);
    // §6.4.3: only a resignation re-arms the Adver_Timer.
    CHECK(router.next_deadline() == (c.priority == 0 ? now + 1s : before));
  }
}

TEST_CASE("A flood of rivals is answered ten times an interval at most",
          "[vrrp][election][rfc9568-6.4.3]") {
  auto router = active_router({.priority = {100}});
  int advertised = 0;
  int announced = 0;
  for (auto now = kSettled; now < kSettled + 1s; now += 1ms) {
    for (const auto& action : router.on_advertisement(heard(GENERATE(0, 1)), now)) {
      advertised += std::holds_alternative<SendAdvertisement>(action) ? 1 : 0;
      announced += std::holds_alternative<Announce>(action) ? 1 : 0;
    }
  }
  CHECK(advertised == 10);
  CHECK(announced == 50);
  CHECK(router.state() == State::Active);
}

TEST_CASE("A router whose addresses the kernel refuses tries again, then resigns and rests",
          "[vrrp][election][addresses]") {
  constexpr auto kRetry = VirtualRouter::kClaimDistance;
  auto router = backup_router({.priority = {100}});
  auto now = router.next_deadline();
  REQUIRE(router.on_deadline(now) == kTakeOver100);
  for (int i = 1; i < VirtualRouter::kMostClaims; ++i) {
    CHECK(router.on_addresses_refused(now).empty());
    CHECK(router.state() == State::Active);
    CHECK(router.next_deadline() == now + kRetry);  // and no advertisement before it
    now += kRetry;
    CHECK(router.on_deadline(now) == kTakeOver100);
  }
  SECTION("one more refusal is the last") {
    CHECK(router.on_addresses_refused(now) ==
          Actions{SendAdvertisement{kResigning}, ReleaseAddresses{}});
    CHECK(router.state() == State::Backup);
    CHECK_FALSE(router.fit());
    CHECK_FALSE(router.holding());
    CHECK(router.next_deadline() == now + VirtualRouter::kClaimRest);
    router.on_advertisement(heard(0), now + 1ms);  // another resigns: not for us to take
    CHECK(router.next_deadline() == now + VirtualRouter::kClaimRest);
    // Rested, it listens first and claims anew.
    const auto rested = now + VirtualRouter::kClaimRest;
    CHECK(router.on_deadline(rested).empty());
    CHECK(router.fit());
    CHECK(router.next_deadline() == rested + active_down_interval({100}, kInterval));
    CHECK(router.on_deadline(router.next_deadline()) == kTakeOver100);
    CHECK(router.on_addresses_refused(router.next_deadline()).empty());
  }
  SECTION("taken at last, it goes on; earlier refusals are forgotten with the next advertisement") {
    while (router.next_deadline() <= now + 2s) router.on_deadline(router.next_deadline());
    CHECK(router.on_addresses_refused(now + 2s).empty());
    CHECK(router.state() == State::Active);
  }
}

TEST_CASE("A rival's claim is answered with announcements, and a flood of them is not multiplied",
          "[vrrp][election][rivals]") {
  auto router = active_router({.priority = {100}});
  int announced = 0;
  for (auto now = kSettled; now < kSettled + 60s; now += 1ms) {
    CHECK(router.on_rival_claim(now).empty());
    for (const auto& action : router.on_deadline(now))
      if (action == Action{Announce{}}) ++announced;
  }
  CHECK(announced >= 6 * 6);  // each 10 seconds, the six of a takeover
  CHECK(announced <= 100);
  CHECK(router.state() == State::Active);
  auto backup = backup_router({.priority = {100}});
  CHECK(backup.on_rival_claim(kStart).empty());
}

TEST_CASE("A claim that is the first frame of a takeover is followed by no word of the loser",
          "[vrrp][election][rivals]") {
  auto router = active_router({.priority = {100}});
  CHECK(router.on_rival_claim(kSettled).empty());
  CHECK(router.next_deadline() <= kSettled + Announcements::kLeastDistance);
  router.on_advertisement(heard(200), kSettled + 1ms);  // its advertisement comes after it
  REQUIRE(router.state() == State::Backup);
  CHECK(router.on_deadline(kSettled + Announcements::kLeastDistance).empty());
}

TEST_CASE("Only an Active Router claims addresses", "[vrrp][election][addresses]") {
  auto router = backup_router({.priority = {100}});
  const auto due = router.next_deadline();
  CHECK(router.on_addresses_refused(kStart).empty());
  CHECK(router.next_deadline() == due);
}

TEST_CASE("Who yields cancels its announcements", "[vrrp][election][announcements]") {
  auto router = backup_router({.priority = {100}});
  const auto taken = router.next_deadline();
  router.on_deadline(taken);
  router.on_advertisement(heard(200), taken + 1ms);
  CHECK(router.next_deadline() == taken + 1ms + active_down_interval({100}, kInterval));
  CHECK(router.on_deadline(taken + 20ms).empty());
}

// Tracking

TEST_CASE("An Active Router that is no longer fit resigns and never takes over",
          "[vrrp][election][tracking]") {
  auto router = active_router({.priority = {100}});
  CHECK(router.on_priority({0}, kSettled) == Actions{SendAdvertisement{kResigning}});
  CHECK(router.state() == State::Backup);
  CHECK_FALSE(router.fit());
  SECTION("fit again before anybody took over, it keeps what it holds") {
    CHECK(router.on_priority({100}, kSettled + 1ms).empty());
    const auto due = kSettled + 1ms + active_down_interval({100}, kInterval);
    for (auto at = router.next_deadline(); at < due; at = router.next_deadline())
      CHECK(router.on_deadline(at) == Actions{SendAdvertisement{kResigning}});
    CHECK(router.on_deadline(due) == kTakeOver100);
    CHECK_FALSE(router.holding());
    return;
  }
  router.on_advertisement(heard(1), kSettled + 1ms);
  CHECK(router.on_deadline(router.next_deadline()) == Actions{ReleaseAddresses{}});
  CHECK(router.next_deadline() == common::TimePoint::max());
  SECTION("whatever it hears") {
    router.on_advertisement(heard(GENERATE(0, 1, 200)), kSettled + 1s);
    CHECK(router.next_deadline() == common::TimePoint::max());
    CHECK(router.on_deadline(kSettled + 1h).empty());
  }
  SECTION("until it is fit again: then it listens first") {
    CHECK(router.on_priority({100}, kSettled + 1min).empty());
    CHECK(router.next_deadline() == kSettled + 1min + active_down_interval({100}, kInterval));
    CHECK(router.on_deadline(router.next_deadline()) == kTakeOver100);
  }
}

TEST_CASE("A router that starts unfit waits for fitness", "[vrrp][election][tracking]") {
  VirtualRouter router{{.priority = GENERATE(Priority{100}, kOwner)}};
  const auto base = router.priority();
  CHECK(router.on_priority({0}, kStart).empty());
  CHECK(router.start(kStart).empty());
  CHECK(router.state() == State::Backup);
  CHECK(router.next_deadline() == common::TimePoint::max());
  const auto actions = router.on_priority(base, kStart + 1s);
  if (base == kOwner)
    CHECK(actions == Actions{TakeAddresses{}, Announce{}, SendAdvertisement{kOwner}});
  else
    CHECK(router.next_deadline() == kStart + 1s + active_down_interval(base, kInterval));
}

TEST_CASE("An Active Router tells its changed priority at once", "[vrrp][election][tracking]") {
  auto router = active_router({.priority = {100}});
  CHECK(router.on_priority({50}, kSettled) == Actions{SendAdvertisement{{50}}});
  CHECK(router.state() == State::Active);
  CHECK(router.on_priority({50}, kSettled).empty());
  router.on_advertisement(heard(60), kSettled + 1ms);
  CHECK(router.state() == State::Backup);
}

TEST_CASE("A Backup's changed priority changes what is left of its wait",
          "[vrrp][election][tracking]") {
  auto router = backup_router({.priority = {100}});
  router.on_advertisement(heard(200), kStart + 1s);
  router.on_priority({50}, kStart + 2s);
  CHECK(router.next_deadline() == kStart + 1s + active_down_interval({50}, kInterval));
  router.on_advertisement(heard(0), kStart + 2s);
  router.on_priority({100}, kStart + 2s);
  CHECK(router.next_deadline() == kStart + 2s + skew_time({100}, kInterval));
}

// Reload

TEST_CASE("Other parameters change no state, and an Active Router tells the others at once",
          "[vrrp][election]") {
  auto router = active_router({.priority = {100}, .advertisement_interval = kInterval});
  const Parameters faster{.priority = {100}, .advertisement_interval = Centiseconds{10}};
  CHECK(router.on_parameters(faster, kSettled) == Actions{SendAdvertisement{{100}}});
  CHECK(router.state() == State::Active);
  CHECK(router.on_deadline(kSettled + 100ms) == Actions{SendAdvertisement{{100}}});
}

TEST_CASE("A Backup goes by what it has learned as far as its new interval believes it",
          "[vrrp][election]") {
  auto router = backup_router({.priority = {100}, .advertisement_interval = kInterval});
  router.on_advertisement(heard(200), kStart);
  router.on_parameters({.priority = {100}, .advertisement_interval = Centiseconds{200}}, kStart);
  CHECK(router.active_adver_interval() == kInterval);
  router.on_parameters({.priority = {100}, .advertisement_interval = Centiseconds{10}}, kStart);
  CHECK(router.active_adver_interval() == Centiseconds{10});
  CHECK(router.next_deadline() == kStart + active_down_interval({100}, Centiseconds{10}));
}

}  // namespace
}  // namespace vrrp::election
