#include "vrrpd/election/announcements.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <vector>

namespace vrrp::election {
namespace {

using namespace std::chrono_literals;

constexpr common::TimePoint kStart{1h};

/// When the next announcements are made, as offsets from kStart.
std::vector<common::Duration> next(Announcements& announcements, std::size_t count) {
  std::vector<common::Duration> made;
  while (made.size() < count) {
    const auto at = announcements.next();
    REQUIRE(announcements.take_due(at));
    made.push_back(at - kStart);
  }
  return made;
}

TEST_CASE("A takeover is announced six times in two seconds, then each 30 seconds",
          "[vrrp][election][announcements]") {
  Announcements announcements;
  announcements.restart(kStart);
  CHECK(next(announcements, 8) ==
        std::vector<common::Duration>{0ms, 20ms, 100ms, 500ms, 1050ms, 2s, 32s, 62s});
}

TEST_CASE("Another count and delay lie on the same curve, and the refresh is theirs",
          "[vrrp][election][announcements]") {
  Announcements announcements{{.count = 3, .delay = 1s, .refresh = 5s}};
  announcements.restart(kStart);
  CHECK(next(announcements, 5) == std::vector<common::Duration>{0ms, 150ms, 1s, 6s, 11s});
}

TEST_CASE("Many in a short time keep their distance, and the last is the last",
          "[vrrp][election][announcements]") {
  Announcements announcements{{.count = kMostAnnouncements, .delay = 100ms, .refresh = 0s}};
  announcements.restart(kStart);
  auto last = kStart - Announcements::kLeastDistance;
  int made = 0;
  while (announcements.next() != common::TimePoint::max()) {
    const auto at = announcements.next();
    CHECK(at - last >= Announcements::kLeastDistance);
    last = at;
    REQUIRE(announcements.take_due(at));
    ++made;
  }
  CHECK(made >= 2);
  CHECK(last - kStart <= 120ms);
}

TEST_CASE("One alone, and other options from the next takeover on",
          "[vrrp][election][announcements]") {
  Announcements announcements;
  announcements.use({.count = 1, .delay = 2s, .refresh = 1s});
  announcements.restart(kStart);
  CHECK(next(announcements, 3) == std::vector<common::Duration>{0ms, 1s, 2s});
}

TEST_CASE("A rival's sign of life starts them again", "[vrrp][election][announcements]") {
  Announcements announcements;
  announcements.restart(kStart);
  REQUIRE(announcements.take_due(kStart));
  announcements.restart(kStart + 50ms);
  CHECK(next(announcements, 6) ==
        std::vector<common::Duration>{50ms, 70ms, 150ms, 550ms, 1100ms, 2050ms});
}

TEST_CASE("A flood of rivals makes one announcement each 20 ms, and one after the last",
          "[vrrp][election][announcements]") {
  Announcements announcements;
  int made = 0;
  auto last_made = kStart;
  auto now = kStart;
  for (; now < kStart + 1s; now += 1ms) {
    announcements.restart(now);
    if (announcements.take_due(now)) {
      ++made;
      last_made = now;
    }
  }
  CHECK(made == 50);
  CHECK(announcements.next() > last_made);
  CHECK(next(announcements, 1).front() >= now - 1ms - kStart);
}

TEST_CASE("Claims are answered at once, then at growing distances, each within the longest",
          "[vrrp][election][announcements][rivals]") {
  Announcements announcements{{.count = 1, .refresh = 0s}};
  announcements.restart(kStart);
  REQUIRE(announcements.take_due(kStart));
  // A rival that answers each of our announcements, and whose word comes a moment later.
  std::vector<common::Duration> distances;
  auto made = kStart;
  while (distances.size() < 14) {
    const auto claimed = made + 1ms;
    announcements.answer(claimed);
    const auto answered = announcements.next();
    CHECK(answered >= claimed + Announcements::kLeastDistance);
    CHECK(answered <= claimed + Announcements::kLongestDistance);
    REQUIRE(announcements.take_due(answered));
    distances.push_back(answered - made);
    made = answered;
  }
  CHECK(std::ranges::is_sorted(distances));
  CHECK(distances.front() == 21ms);
  CHECK(distances.back() == Announcements::kLongestDistance);

  SECTION("A claim after a time of calm is answered at once again") {
    const auto later = made + 1ms + Announcements::kCalm;
    announcements.answer(later);
    CHECK(announcements.next() == later + Announcements::kLeastDistance);
  }
  SECTION("and so is one to a router that has become Active anew") {
    announcements.cancel();
    announcements.restart(made + 2ms);
    REQUIRE(announcements.take_due(announcements.next()));
    announcements.answer(made + 50ms);
    CHECK(announcements.next() == made + 50ms + Announcements::kLeastDistance);
  }
  SECTION("An advertisement of the rival starts them at once all the same") {
    announcements.answer(made + 1ms);
    announcements.restart(made + 30ms);
    CHECK(announcements.next() == made + 30ms);
  }
}

TEST_CASE("What is due before an answer is the answer", "[vrrp][election][announcements][rivals]") {
  Announcements announcements;
  announcements.restart(kStart);
  REQUIRE(announcements.take_due(kStart));
  announcements.answer(kStart + 1ms);
  CHECK(next(announcements, 5) == std::vector<common::Duration>{20ms, 100ms, 500ms, 1050ms, 2s});
}

TEST_CASE("A late caller does not make up for what it missed", "[vrrp][election][announcements]") {
  Announcements announcements;
  announcements.restart(kStart);
  CHECK(announcements.take_due(kStart + 300ms));
  CHECK_FALSE(announcements.take_due(kStart + 301ms));
  CHECK(next(announcements, 3) == std::vector<common::Duration>{500ms, 1050ms, 2000ms});
}

TEST_CASE("Who has yielded never speaks again", "[vrrp][election][announcements]") {
  Announcements announcements;
  announcements.restart(kStart);
  announcements.cancel();
  CHECK_FALSE(announcements.take_due(kStart + 1h));
  CHECK(announcements.next() == common::TimePoint::max());
}

}  // namespace
}  // namespace vrrp::election
