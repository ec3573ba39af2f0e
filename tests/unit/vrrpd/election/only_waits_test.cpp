#include "tests/unit/vrrpd/election/routers.hpp"

// Whether a Backup has to hear at once what it was told before.

namespace vrrp::election {
namespace {

TEST_CASE("What need not be heard before the next deadline", "[vrrp][election]") {
  struct Case {
    const char* name;
    int priority;  // of ours: 100
    bool preempt_mode;
    bool only_waits;
  };
  const auto c = GENERATE(values<Case>({
      {"a better one advertises", 150, true, true},
      {"an equal one", 100, true, true},
      {"one to be preempted", 99, true, false},
      {"a worse one, without Preempt_Mode", 99, false, true},
      {"it resigns", 0, true, false},
  }));
  CAPTURE(c.name);
  auto router = backup_router({.priority = {100}, .preempt_mode = c.preempt_mode});
  CHECK_FALSE(router.only_waits());  // nothing was heard yet
  router.on_advertisement(heard(c.priority), kStart + 1s);
  CHECK(router.only_waits() == c.only_waits);
}

TEST_CASE("Everything is to be heard at once by whom it may concern", "[vrrp][election]") {
  auto router = backup_router({.priority = {100}});
  router.on_advertisement(heard(150), kStart + 1s);
  REQUIRE(router.only_waits());
  SECTION("it resigns afterwards") { router.on_advertisement(heard(0), kStart + 2s); }
  SECTION("another priority") { router.on_priority({200}, kStart + 2s); }
  SECTION("not fit any more") { router.on_priority({0}, kStart + 2s); }
  SECTION("other parameters") { router.on_parameters({.priority = {100}}, kStart + 2s); }
  SECTION("stopped") { router.stop(kStart + 2s); }
  SECTION("Active") { router.on_deadline(router.next_deadline()); }
  SECTION("given the addresses") { router.take_over(kStart + 2s); }
  CHECK_FALSE(router.only_waits());
}

TEST_CASE("A worse one that is left alone for Preempt_Delay is heard when that ends",
          "[vrrp][election][preempt]") {
  auto router = backup_router({.priority = {100}, .preempt_delay = 10s});
  router.on_advertisement(heard(50), kStart + 1s);
  CHECK_FALSE(router.only_waits());
}

}  // namespace
}  // namespace vrrp::election
