#include "tests/unit/vrrpd/election/routers.hpp"
#include "vrrpd/election/timers.hpp"

// A peer's word that it is Active, where advertisements do not arrive.

namespace vrrp::election {
namespace {

constexpr auto kLimit = VirtualRouter::kWordLimit;
constexpr auto kHello = 500ms;

VirtualRouter yielded_to_word() {
  auto router = active_router({.priority = {100}});
  REQUIRE(router.on_word(heard(200), kSettled) ==
          Actions{ReleaseAddresses{}, SendAdvertisement{{100}}});
  return router;
}

TEST_CASE("A word in state Active", "[vrrp][election][word]") {
  struct Case {
    const char* name;
    int priority;  // of ours: 100
    bool from_greater_address;
    bool yields;
    bool asserts;
  };
  const auto c = GENERATE(values<Case>({
      {"of a better one", 101, false, true, false},
      {"of an equal one with the greater address", 100, true, true, false},
      {"of an equal one with the lesser address", 100, false, false, true},
      {"of a lesser one", 99, true, false, true},
      {"of one that is not fit", 0, true, false, false},
  }));
  CAPTURE(c.name);
  auto router = active_router({.priority = {100}});
  const auto actions = router.on_word(heard(c.priority, c.from_greater_address), kSettled);
  CHECK(router.state() == (c.yields ? State::Backup : State::Active));
  CHECK(router.backup_by_word() == c.yields);
  if (c.yields) CHECK(actions == Actions{ReleaseAddresses{}, SendAdvertisement{{100}}});
  if (c.asserts) CHECK(actions == Actions{SendAdvertisement{{100}}, Announce{}});
  if (!c.yields && !c.asserts) CHECK(actions.empty());
}

TEST_CASE("A word moves nobody who is being moved", "[vrrp][election][word]") {
  SECTION("the giver, whose successor is about to speak") {
    auto router = active_router({.priority = {100}});
    router.await_successor();
    CHECK(router.on_word(heard(200), kSettled).empty());
    CHECK(router.awaits_successor());
  }
  SECTION("the taker, by what the giver may still have said") {
    auto router = backup_router({.priority = {100}});
    router.take_over(kSettled);
    router.on_word(heard(200), kSettled + 1ms);
    CHECK(router.state() == State::Active);
  }
}

TEST_CASE("A Backup by word stays one as long as the word is said", "[vrrp][election][word]") {
  auto router = yielded_to_word();
  auto now = kSettled;
  for (int i = 0; i < 20; ++i) {
    CHECK(router.next_deadline() >= now + kLimit);
    now += kHello;
    CHECK(router.on_deadline(now).empty());
    CHECK(router.on_word(heard(200), now).empty());
  }
  SECTION("and takes over when it is not said any more") {
    // The interval is 1 s: it would wait longer for advertisements.
    const auto due = now + active_down_interval({100}, kInterval);
    CHECK(router.next_deadline() == due);
    CHECK(router.on_deadline(due) == kTakeOver100);
    CHECK_FALSE(router.backup_by_word());
  }
  SECTION("by a lesser one it is not kept from that") {
    const auto due = router.next_deadline();
    router.on_word(heard(50), now + 1ms);
    CHECK(router.next_deadline() == due);
  }
  SECTION("and judges silence as ever once an advertisement was heard") {
    router.on_advertisement(heard(200), now);
    CHECK_FALSE(router.backup_by_word());
    router.on_word(heard(200), now + 1s);
    CHECK(router.next_deadline() == now + active_down_interval({100}, kInterval));
  }
  SECTION("and a resignation ends it, too") {
    router.on_advertisement(heard(0), now);
    CHECK_FALSE(router.backup_by_word());
    CHECK(router.next_deadline() == now + skew_time({100}, kInterval));
  }
}

TEST_CASE("At a short interval the word counts for its limit", "[vrrp][election][word]") {
  auto router = active_router({.priority = {100}, .advertisement_interval = Centiseconds{1}});
  router.on_word(heard(200, false, Centiseconds{1}), kSettled);
  CHECK(router.next_deadline() == kSettled + kLimit);
  CHECK(router.on_deadline(kSettled + kLimit - 1ns).empty());
  CHECK(router.on_deadline(kSettled + kLimit) == kTakeOver100);
}

TEST_CASE("Who hears advertisements goes by those alone", "[vrrp][election][word]") {
  auto router = backup_router({.priority = {100}});
  router.on_advertisement(heard(200), kStart + 1s);
  const auto due = router.next_deadline();
  CHECK(router.on_word(heard(200), kStart + 2s).empty());
  CHECK(router.next_deadline() == due);
}

}  // namespace
}  // namespace vrrp::election
