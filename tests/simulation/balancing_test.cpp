// Balancing over many requests: shares, movement, bounds and starvation, with random endpoints,
// weights and request lengths. Each run has its own seed, printed when it fails.

#include "lb/balancing/balancer.hpp"
#include "lb/balancing/hash.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <random>
#include <string>

namespace lb::balancing {
namespace {

using namespace std::chrono_literals;

constexpr int kRuns = 40;
const common::TimePoint kNow{1h};

std::vector<std::uint32_t> seeds() {
  std::random_device device;
  std::vector<std::uint32_t> all(kRuns);
  std::ranges::generate(all, [&] { return device(); });
  return all;
}

/// Endpoints with random weights, and requests that begin and end.
struct Scene {
  Scene(std::uint32_t seed, const BalanceOptions& options, bool weighted = true)
      : random{seed}, balancer{options, seed, seed} {
    const auto count = 2 + pick(12);
    for (std::size_t i = 0; i < count; ++i) add(weighted ? 1 + pick(20) : 10);
    assign();
  }

  std::uint32_t pick(std::uint32_t below) {
    return std::uniform_int_distribution<std::uint32_t>{0, below - 1}(random);
  }
  void add(std::uint32_t weight) {
    members.push_back({.slot = members.size(),
                       .id = hash_key("endpoint " + std::to_string(members.size())),
                       .weight = weight,
                       .in_flight = &loads.emplace_back(0)});
  }
  void assign() { balancer.assign(members, kNow); }
  std::size_t choose(std::uint64_t key = 0) {
    return balancer.pick(balancer.candidates({}), key, false, kNow);
  }
  double share(std::size_t slot) const {
    double total = 0;
    for (const auto& member : members) total += member.weight;
    return members[slot].weight / total;
  }
  void begin(std::size_t slot) {
    ++loads[slot];
    running.push_back(slot);
  }
  /// A random one of those that run.
  void end_one() {
    std::swap(running[pick(static_cast<std::uint32_t>(running.size()))], running.back());
    --loads[running.back()];
    running.pop_back();
  }

  std::mt19937 random;
  std::deque<std::atomic<std::uint32_t>> loads;
  std::vector<Member> members;
  std::vector<std::size_t> running;
  Balancer balancer;
};

}  // namespace

TEST_CASE("Turns follow the weights at every moment", "[lb][simulation]") {
  for (const auto seed : seeds()) {
    CAPTURE(seed);
    Scene scene{seed, {}};
    std::vector<int> counts(scene.members.size());
    for (int i = 1; i <= 3000; ++i) {
      ++counts[scene.choose()];
      for (std::size_t slot = 0; slot < counts.size(); ++slot)
        REQUIRE(std::abs(counts[slot] - scene.share(slot) * i) <= 8);
    }
  }
}

TEST_CASE("Shares of what is drawn and hashed follow the weights", "[lb][simulation]") {
  const auto policy = GENERATE(Policy::Random, Policy::TwoChoices, Policy::Hash);
  constexpr int kRequests = 20'000;
  for (const auto seed : seeds()) {
    CAPTURE(seed);
    Scene scene{seed, {.policy = policy}};
    std::vector<int> counts(scene.members.size());
    for (int i = 0; i < kRequests; ++i)
      ++counts[scene.choose(policy == Policy::Hash ? mix(scene.random()) | 1U : 0)];
    for (std::size_t slot = 0; slot < counts.size(); ++slot) {
      const double share = scene.share(slot);
      const double deviation = std::sqrt(kRequests * share * (1 - share));
      CHECK(std::abs(counts[slot] - kRequests * share) <= 6 * deviation);
    }
  }
}

TEST_CASE("Who leaves moves his own keys, who joins takes only his own", "[lb][simulation]") {
  for (const auto seed : seeds()) {
    CAPTURE(seed);
    Scene scene{seed, {.policy = Policy::Hash}, (seed & 1U) != 0};
    const auto leaving = scene.pick(static_cast<std::uint32_t>(scene.members.size()));
    std::vector<std::size_t> before;
    for (std::uint64_t key = 1; key <= 2000; ++key) before.push_back(scene.choose(mix(key)));
    scene.members[leaving].usable = false;
    scene.assign();
    for (std::uint64_t key = 1; key <= 2000; ++key) {
      const auto now = scene.choose(mix(key));
      if (before[key - 1] == leaving)
        REQUIRE(now != leaving);
      else
        REQUIRE(now == before[key - 1]);
    }
    scene.members[leaving].usable = true;
    scene.add(scene.members.front().weight);
    scene.assign();
    const auto joined = scene.members.size() - 1;
    for (std::uint64_t key = 1; key <= 2000; ++key) {
      const auto now = scene.choose(mix(key));
      if (now != joined) REQUIRE(now == before[key - 1]);
    }
  }
}

TEST_CASE("A weight that grows takes keys and gives none away", "[lb][simulation]") {
  for (const auto seed : seeds()) {
    CAPTURE(seed);
    Scene scene{seed, {.policy = Policy::Hash}};
    std::vector<std::size_t> before;
    for (std::uint64_t key = 1; key <= 1000; ++key) before.push_back(scene.choose(mix(key)));
    scene.members.front().weight += 5;
    scene.assign();
    for (std::uint64_t key = 1; key <= 1000; ++key) {
      const auto now = scene.choose(mix(key));
      if (now != 0) REQUIRE(now == before[key - 1]);
    }
  }
}

TEST_CASE("Bounded load is never exceeded, however hot a key is", "[lb][simulation]") {
  for (const auto seed : seeds()) {
    CAPTURE(seed);
    const auto percent = 100 + 25 * (seed % 5);
    Scene scene{seed, {.policy = Policy::Hash, .bounded_load_percent = percent}};
    for (int i = 0; i < 3000; ++i) {
      if (!scene.running.empty() && scene.pick(100) < 45) {
        scene.end_one();
        continue;
      }
      const auto key = mix(scene.pick(4) == 0 ? 1 + scene.pick(50) : 1);
      const auto slot = scene.choose(key);
      scene.begin(slot);
      const auto bound =
          std::ceil(static_cast<double>(percent) / 100 * static_cast<double>(scene.running.size()) *
                        scene.share(slot) -
                    1e-9);
      REQUIRE(scene.loads[slot] <= bound);
    }
  }
}

TEST_CASE("Workers who share loads spread them together", "[lb][simulation]") {
  const auto policy = GENERATE(Policy::LeastRequests, Policy::TwoChoices);
  for (const auto seed : seeds()) {
    CAPTURE(seed);
    Scene scene{seed, {.policy = policy}, false};
    Balancer other{{.policy = policy}, 1, seed + 1};
    other.assign(scene.members, kNow);
    for (int i = 0; i < 2000; ++i) {
      if (scene.running.size() > 200)
        scene.end_one();
      else
        scene.begin((i & 1) != 0 ? scene.choose()
                                 : other.pick(other.candidates({}), 0, false, kNow));
    }
    const double mean =
        static_cast<double>(scene.running.size()) / static_cast<double>(scene.members.size());
    for (const auto& load : scene.loads) CHECK(load <= mean * 1.5 + 8);
  }
}

TEST_CASE("Nobody starves under any policy", "[lb][simulation]") {
  const auto policy = GENERATE(Policy::RoundRobin, Policy::LeastRequests, Policy::TwoChoices,
                               Policy::PeakEwma, Policy::Random, Policy::Hash);
  for (const auto seed : seeds()) {
    CAPTURE(seed);
    Scene scene{seed, {.policy = policy, .ewma_decay = 1s}, false};
    std::vector<int> counts(scene.members.size());
    auto now = kNow;
    for (int i = 0; i < 20'000; ++i, now += 1ms) {
      const auto slot =
          scene.balancer.pick(scene.balancer.candidates({}), mix(scene.random()) | 1U, false, now);
      ++counts[slot];
      // The first is ten times as slow as the others.
      scene.balancer.on_answer(slot, slot == 0 ? 100ms : 10ms, now);
      scene.begin(slot);
      if (scene.running.size() > 5) scene.end_one();
    }
    for (const auto count : counts) CHECK(count > 0);
    if (policy == Policy::PeakEwma) CHECK(counts[0] * 2 < 20'000 / static_cast<int>(counts.size()));
  }
}

}  // namespace lb::balancing
