#include "tests/simulation/for_seeds.hpp"
#include "tests/simulation/vrrp_lan.hpp"
#include "tests/support/catch.hpp"
#include "vrrpd/election/timers.hpp"

#include <random>

// Networks that are cut: one of two, both, one way. What moves together hears on all of its
// networks.

namespace vrrp::simulation {
namespace {

using namespace std::chrono_literals;

constexpr int kRuns = 200;  // each with its own seed, printed when it fails
constexpr std::size_t kOuter = 0;
constexpr std::size_t kInner = 1;
constexpr std::size_t kBetter = 1;
constexpr std::size_t kLesser = 0;

/// Two routers, on one network or two; settled, and the better one Active.
struct Pair {
  explicit Pair(std::uint32_t seed, std::size_t networks, int lesser = 100)
      : random{seed},
        interval{std::array{Centiseconds{1}, Centiseconds{10}, Centiseconds{100}}[random() % 3]},
        lan{seed,
            {{.priority = {static_cast<std::uint8_t>(lesser)}, .advertisement_interval = interval},
             {.priority = {200}, .advertisement_interval = interval}},
            networks} {
    lan.start(kBetter);
    lan.run_for(down_time());
    lan.start(kLesser);
    // Any phase of the advertisements.
    lan.run_for(2 * down_time() + Duration{interval} * static_cast<int>(random() % 1000) / 1000);
    REQUIRE(lan.owners() == std::vector{kBetter});
    lan.forget_records();
  }
  Duration down_time() const {
    return election::active_down_interval({1}, interval) + lan.weather.longest_delay;
  }
  bool settled_on(std::size_t router) const {
    return lan.owners() == std::vector{router} && lan.client_sends_to() == router;
  }

  std::mt19937 random;
  Centiseconds interval;
  Lan lan;
};

TEST_CASE("One cut of two networks, either way or both, makes nobody Active who was not",
          "[vrrp][simulation][group][partition]") {
  for_seeds(kRuns, [](std::uint32_t seed) {
    Pair pair{seed, 2};
    const auto network = pair.random() % 2 == 0 ? kOuter : kInner;
    switch (pair.random() % 3) {
      case 0:
        pair.lan.cut_both_ways(network, kBetter, kLesser);
        break;
      case 1:
        pair.lan.cut(network, kBetter, kLesser);
        break;
      case 2:
        pair.lan.cut(network, kLesser, kBetter);
        break;
    }
    pair.lan.run_for(10 * pair.down_time());
    pair.lan.heal();
    pair.lan.run_for(10 * pair.down_time());
    CHECK(pair.settled_on(kBetter));
    CHECK(pair.lan.longest_with_several() == 0s);
    CHECK(pair.lan.longest_without_owner() == 0s);
    CHECK(pair.lan.longest_misled() == 0s);
  });
}

TEST_CASE("A dead node is replaced on both networks at once, whichever of them was cut before",
          "[vrrp][simulation][group][partition]") {
  for_seeds(kRuns, [](std::uint32_t seed) {
    Pair pair{seed, 2};
    if (pair.random() % 2 == 0) pair.lan.cut_both_ways(pair.random() % 2, kBetter, kLesser);
    pair.lan.kill(kBetter);
    pair.lan.run_for(2 * pair.down_time());
    CHECK(pair.settled_on(kLesser));
    CHECK(pair.lan.client_sends_to(kInner) == kLesser);
    CHECK(pair.lan.longest_without_owner() <= pair.down_time());
  });
}

TEST_CASE("A stop, a return and a loss of fitness move both networks together without a gap",
          "[vrrp][simulation][group][make-before-break]") {
  for_seeds(kRuns, [](std::uint32_t seed) {
    Pair pair{seed, 2};
    if (pair.random() % 2 == 0) {
      pair.lan.stop(kBetter);
    } else {
      pair.lan.set_fit(kBetter, false);
    }
    pair.lan.run_for(2 * pair.down_time());
    CHECK(pair.settled_on(kLesser));
    CHECK(pair.lan.client_sends_to(kInner) == kLesser);
    pair.lan.set_fit(kBetter, true);
    if (!pair.lan.alive(kBetter)) pair.lan.start(kBetter);
    pair.lan.run_for(3 * pair.down_time());
    CHECK(pair.settled_on(kBetter));
    CHECK(pair.lan.client_sends_to(kInner) == kBetter);
    CHECK(pair.lan.longest_without_owner() == 0s);
  });
}

TEST_CASE("Both networks cut: one Active Router on each side, and the better one when they heal",
          "[vrrp][simulation][group][partition]") {
  for_seeds(kRuns, [](std::uint32_t seed) {
    Pair pair{seed, 2};
    pair.lan.cut_both_ways(kOuter, kBetter, kLesser);
    pair.lan.cut_both_ways(kInner, kBetter, kLesser);
    pair.lan.run_for(3 * pair.down_time());
    REQUIRE(pair.lan.owners().size() == 2);
    pair.lan.heal();
    REQUIRE(pair.lan.run_until([&] { return pair.lan.owners().size() == 1; },
                               Duration{pair.interval} + 2 * pair.lan.weather.longest_delay));
    pair.lan.run_for(25ms);
    CHECK(pair.settled_on(kBetter));
    CHECK(pair.lan.client_sends_to(kInner) == kBetter);
  });
}

TEST_CASE("Equal priorities, and addresses ordered otherwise on each network: one stays Active",
          "[vrrp][simulation][group][rfc9568-6.4.3]") {
  for_seeds(kRuns, [](std::uint32_t seed) {
    Pair pair{seed, 2, /*lesser=*/200};
    pair.lan.partition({0, 1});
    pair.lan.run_for(3 * pair.down_time());
    REQUIRE(pair.lan.owners().size() == 2);
    pair.lan.heal();
    pair.lan.run_for(Duration{pair.interval} * 3 / 2);
    // By the outer network, on which the second has the greater address.
    CHECK(pair.lan.owners() == std::vector{kBetter});
    pair.lan.run_for(10 * pair.down_time());
    CHECK(pair.settled_on(kBetter));
  });
}

TEST_CASE(
    "One network, one way: a deaf Backup takes over, the client is with the better one in the "
    "end",
    "[vrrp][simulation][partition]") {
  for_seeds(kRuns, [](std::uint32_t seed) {
    Pair pair{seed, 1};
    pair.lan.cut(kOuter, kBetter, kLesser);
    pair.lan.run_for(2 * pair.down_time());
    REQUIRE(pair.lan.owners().size() == 2);
    // The Active Router hears every word of it, and announces after each.
    pair.lan.run_for(5s + 30ms);
    CHECK(pair.lan.client_sends_to() == kBetter);
    pair.lan.heal();
    pair.lan.run_for(Duration{pair.interval} + 2 * pair.lan.weather.longest_delay + 25ms);
    CHECK(pair.settled_on(kBetter));
  });
}

TEST_CASE("One network, one way: an Active Router that does not hear its Backup loses nothing",
          "[vrrp][simulation][partition]") {
  for_seeds(kRuns, [](std::uint32_t seed) {
    Pair pair{seed, 1};
    pair.lan.cut(kOuter, kLesser, kBetter);
    pair.lan.run_for(20 * pair.down_time());
    CHECK(pair.settled_on(kBetter));
    CHECK(pair.lan.longest_with_several() == 0s);
  });
}

TEST_CASE("Advertisements filtered while ARP passes: no storm, and the client is not left behind",
          "[vrrp][simulation][partition][rivals]") {
  for_seeds(kRuns, [](std::uint32_t seed) {
    constexpr auto kMinute = 60s;
    constexpr auto kLongest = election::Announcements::kLongestDistance;
    Pair pair{seed, 1};
    pair.lan.weather.loss = 1;
    pair.lan.run_for(2 * pair.down_time());
    REQUIRE(pair.lan.owners().size() == 2);
    // Each answers the other, and then less and less often.
    const auto announced = [&](Duration time) {
      const std::array before{pair.lan.announcements(kLesser), pair.lan.announcements(kBetter)};
      pair.lan.run_for(time);
      return std::max(pair.lan.announcements(kLesser) - before[0],
                      pair.lan.announcements(kBetter) - before[1]);
    };
    CHECK(announced(kMinute) <= 100);
    CHECK(announced(kMinute) <= 6 * (kMinute / kLongest + 1));
    pair.lan.run_for(kLongest * static_cast<int>(pair.random() % 1000) / 1000);
    if (pair.random() % 2 == 0) {
      // One of them dies: the other one has the last word soon.
      const auto dies = pair.random() % 2 == 0 ? kBetter : kLesser;
      pair.lan.kill(dies);
      pair.lan.run_for(kLongest + 30ms);
      CHECK(pair.settled_on(1 - dies));
    } else {
      pair.lan.weather.loss = 0;
      pair.lan.run_for(Duration{pair.interval} + 2 * pair.lan.weather.longest_delay + 25ms);
      CHECK(pair.settled_on(kBetter));
    }
  });
}

}  // namespace
}  // namespace vrrp::simulation
