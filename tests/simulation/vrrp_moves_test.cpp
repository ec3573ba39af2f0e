#include "tests/simulation/vrrp_moves.hpp"

#include "tests/simulation/for_seeds.hpp"
#include "tests/support/catch.hpp"

#include <random>

// Planned moves with lost words, in quick succession, and with a daemon that dies half-way.

namespace vrrp::simulation {
namespace {

using namespace std::chrono_literals;

constexpr int kRuns = 60;  // each with its own seed, printed when it fails
/// Failed once: a plain move left connections at the giver, found broken again in the next move.
constexpr std::uint32_t kSeen = 3214279364;

struct Scene {
  explicit Scene(std::uint32_t seed)
      : random{seed},
        interval{std::array{Centiseconds{1}, Centiseconds{10}}[random() % 2]},
        moves{seed, interval} {
    moves.start(0);
    REQUIRE(moves.run_until([&] { return moves.active(0); }, 1s));
    moves.start(1);
    settle();
  }
  Duration up_to(Duration most) { return most * static_cast<int>(random() % 1000) / 1000; }
  void settle() {
    REQUIRE(moves.run_until(
        [&] { return moves.clean() && moves.successor_known(*moves.single_active()); }, 10s));
  }

  std::mt19937 random;
  Centiseconds interval;
  Moves moves;
};

template <class Body>
void for_scenes(Body body) {
  for_seeds(
      kRuns,
      [&](std::uint32_t seed) {
        Scene scene{seed};
        body(scene);
      },
      kSeen);
}

TEST_CASE("Planned moves break no connection, however soon one follows another",
          "[vrrp][simulation][handover]") {
  for_scenes([](Scene& scene) {
    auto& moves = scene.moves;
    for (int i = 0; i < 20; ++i) {
      const auto giver = moves.single_active();
      if (giver) moves.hand_over(*giver);
      moves.run_for(scene.up_to(i % 2 == 0 ? 2ms : 400ms));
    }
    scene.settle();
    CHECK(moves.plain_moves() == 1);  // the first Active Router became so by itself
    CHECK(moves.planned_moves() > 5);
    CHECK(moves.broken() == 0);
    CHECK(moves.refused() == 0);
    CHECK(moves.served() > 100);
  });
}

TEST_CASE("With lost words a move is said again or goes the plain way, and nothing is left of it",
          "[vrrp][simulation][handover]") {
  int planned = 0;
  for_scenes([&](Scene& scene) {
    auto& moves = scene.moves;
    moves.loss = 0.3;
    for (int i = 0; i < 20; ++i) {
      const auto giver = moves.single_active();
      if (giver) moves.hand_over(*giver);
      moves.run_for(scene.up_to(600ms));
    }
    moves.loss = 0;
    scene.settle();
    planned += moves.planned_moves();
  });
  CHECK(planned > kRuns * 5);
}

TEST_CASE("A node whose kernel refuses tables moves the plain way, and nothing is left of it",
          "[vrrp][simulation][handover]") {
  for_scenes([](Scene& scene) {
    auto& moves = scene.moves;
    const auto refused = scene.random() % 2;
    moves.refuse_tables(refused, true);
    for (int i = 0; i < 6; ++i) {
      const auto giver = *moves.single_active();
      const auto plain = moves.plain_moves();
      moves.hand_over(giver);
      // Not after the time of a hold.
      REQUIRE(moves.run_until([&] { return moves.clean() && moves.active(1 - giver); }, 2s));
      CHECK(moves.plain_moves() > plain);
      scene.settle();
    }
    CHECK(moves.planned_moves() == 0);
    moves.refuse_tables(refused, false);
    moves.hand_over(*moves.single_active());
    scene.settle();
    CHECK(moves.planned_moves() == 1);
  });
}

TEST_CASE("Tables that are refused in the midst of a move leave nothing of it behind",
          "[vrrp][simulation][handover]") {
  for_scenes([](Scene& scene) {
    auto& moves = scene.moves;
    const auto refused = scene.random() % 2;
    moves.hand_over(*moves.single_active());
    moves.run_for(scene.up_to(3ms));
    moves.refuse_tables(refused, true);
    scene.settle();
    moves.refuse_tables(refused, false);
    scene.settle();
  });
}

TEST_CASE("Lost words alone break no connection of a move that went as planned",
          "[vrrp][simulation][handover]") {
  int planned = 0;
  for_scenes([&](Scene& scene) {
    auto& moves = scene.moves;
    // One word in ten, and time for it to be said again: advertisements do not all get lost.
    moves.loss = 0.1;
    for (int i = 0; i < 10; ++i) {
      const int plain = moves.plain_moves();
      const int broken = moves.broken();
      const auto giver = moves.single_active();
      if (!giver || !moves.successor_known(*giver)) {
        moves.run_for(1s);
        continue;
      }
      moves.hand_over(*giver);
      moves.run_for(1s);
      if (moves.plain_moves() == plain && moves.single_active() != giver) {
        ++planned;
        CHECK(moves.broken() == broken);
      }
    }
  });
  CHECK(planned > kRuns * 5);
}

TEST_CASE("A daemon that dies anywhere in a move leaves nothing that its next run does not clean",
          "[vrrp][simulation][handover][restart]") {
  for_scenes([](Scene& scene) {
    auto& moves = scene.moves;
    for (int i = 0; i < 5; ++i) {
      moves.hand_over(*moves.single_active());
      moves.run_for(scene.up_to(i % 2 == 0 ? 3ms : 500ms));
      const auto victim = scene.random() % 2;
      moves.crash(victim);
      moves.run_for(scene.up_to(3s));
      moves.start(victim);
      scene.settle();
    }
  });
}

}  // namespace
}  // namespace vrrp::simulation
