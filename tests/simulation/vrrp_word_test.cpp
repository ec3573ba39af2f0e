#include "tests/simulation/for_seeds.hpp"
#include "tests/simulation/vrrp_moves.hpp"
#include "tests/support/catch.hpp"
#include "vrrpd/election/timers.hpp"

#include <random>

// Advertisements that do not arrive, between two routers that can talk to each other.

namespace vrrp::simulation {
namespace {

using namespace std::chrono_literals;

constexpr int kRuns = 100;  // each with its own seed, printed when it fails
constexpr std::size_t kBetter = 0;
constexpr std::size_t kLesser = 1;

struct Scene {
  explicit Scene(std::uint32_t seed)
      : random{seed},
        interval{std::array{Centiseconds{1}, Centiseconds{10}}[random() % 2]},
        moves{seed, interval} {
    moves.connections_end = false;
  }
  Duration down_time() const { return election::active_down_interval({1}, interval); }
  /// Any phase of the advertisements and of the words.
  void let_time_pass() {
    moves.run_for(1s + Duration{1ms} * static_cast<int>(random() % 1000));
    moves.forget_times();
  }

  std::mt19937 random;
  Centiseconds interval;
  Moves moves;
};

template <class Body>
void for_scenes(Body body) {
  for_seeds(kRuns, [&](std::uint32_t seed) {
    Scene scene{seed};
    body(scene);
  });
}

void start_both(Scene& scene) {
  scene.moves.start(kBetter);
  REQUIRE(scene.moves.run_until([&] { return scene.moves.active(kBetter); }, 1s));
  scene.moves.start(kLesser);
  REQUIRE(scene.moves.run_until([&] { return scene.moves.successor_known(kBetter); }, 3s));
  scene.let_time_pass();
}

TEST_CASE("Advertisements that stop arriving make two Active for no more than a word's way",
          "[vrrp][simulation][word]") {
  for_scenes([](Scene& scene) {
    auto& moves = scene.moves;
    start_both(scene);
    moves.filtered = true;
    moves.run_for(60s);
    CHECK(moves.single_active() == kBetter);
    CHECK(moves.by_word(kLesser));
    CHECK(moves.with_two() <= 3 * moves.longest_delay);
    CHECK(moves.without_one() == 0s);
    moves.run_until([&] { return moves.clean(); }, 3s);
    CHECK(moves.clean());  // the client, too, is with the better one

    moves.filtered = false;
    moves.run_for(10s);
    CHECK(moves.single_active() == kBetter);
    CHECK_FALSE(moves.by_word(kLesser));
    CHECK(moves.with_two() <= 3 * moves.longest_delay);
    // From now on silence is judged as ever.
    moves.crash(kBetter);
    CHECK(moves.run_until([&] { return moves.active(kLesser); }, scene.down_time()));
  });
}

TEST_CASE("A better router that is dead says no word: its Backup takes over a limit later",
          "[vrrp][simulation][word]") {
  for_scenes([](Scene& scene) {
    auto& moves = scene.moves;
    start_both(scene);
    moves.filtered = true;
    moves.run_for(5s);
    REQUIRE(moves.by_word(kLesser));
    moves.crash(kBetter);
    CHECK(moves.run_until([&] { return moves.active(kLesser); },
                          election::VirtualRouter::kWordLimit + 2 * moves.longest_delay));
    moves.run_for(5s);
    CHECK(moves.active(kLesser));
  });
}

TEST_CASE("Two that never heard an advertisement of each other find each other",
          "[vrrp][simulation][word]") {
  for_scenes([](Scene& scene) {
    auto& moves = scene.moves;
    moves.filtered = true;
    moves.loss = scene.random() % 2 == 0 ? 0.3 : 0;
    const auto first = scene.random() % 2;
    moves.start(first);
    moves.run_for(1s);
    moves.start(1 - first);
    scene.let_time_pass();
    REQUIRE(moves.run_until([&] { return moves.single_active() == kBetter; }, 10s));
    moves.run_for(60s);
    moves.loss = 0;
    moves.run_for(5s);
    CHECK(moves.single_active() == kBetter);
    CHECK(moves.by_word(kLesser));
    // Four words in a row are rarely lost.
    CHECK(moves.with_two() <= 20s);
    CHECK(moves.without_one() == 0s);
  });
}

}  // namespace
}  // namespace vrrp::simulation
