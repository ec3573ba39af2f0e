#include "lb/balancing/balancer.hpp"

#include "lb/balancing/hash.hpp"
#include "tests/support/catch.hpp"

#include <deque>
#include <map>
#include <string>

using namespace lb::balancing;
using namespace std::chrono_literals;

namespace {

const common::TimePoint kNow{1h};

/// Endpoints a, b, c… in slots 0, 1, 2….
struct Group {
  explicit Group(BalanceOptions options, std::vector<std::uint32_t> weights = {100, 100, 100})
      : balancer{options, 0, 7} {
    for (std::size_t i = 0; i < weights.size(); ++i)
      members.push_back({.slot = i,
                         .id = hash_key(std::string(1, static_cast<char>('a' + i))),
                         .weight = weights[i],
                         .in_flight = &loads.emplace_back(0)});
    assign();
  }
  void assign() { balancer.assign(members, kNow); }
  std::size_t pick(std::uint64_t hash = 0, common::TimePoint now = kNow) {
    return balancer.pick(balancer.candidates({}), hash, false, now);
  }
  std::string run(std::size_t count) {
    std::string names;
    for (std::size_t i = 0; i < count; ++i) names += static_cast<char>('a' + pick());
    return names;
  }
  std::map<std::size_t, int> count(int picks) {
    std::map<std::size_t, int> counts;
    for (int i = 0; i < picks; ++i) ++counts[pick()];
    return counts;
  }

  std::deque<std::atomic<std::uint32_t>> loads;
  std::vector<Member> members;
  Balancer balancer;
};

EndpointSet set_of(std::initializer_list<std::size_t> members) {
  EndpointSet set;
  for (const auto member : members) set.add(member);
  return set;
}

}  // namespace

TEST_CASE("Round robin is smooth with weights", "[lb][balancing]") {
  CHECK(Group{{}}.run(6) == "abcabc");
  CHECK(Group{{}, {5, 1, 1}}.run(14) == "aabacaaaabacaa");
  CHECK(Group{{}, {50, 100}}.run(6) ==
        "bab"
        "bab");
}

TEST_CASE("Another try takes no turn", "[lb][balancing]") {
  for (const auto& weights : {std::vector<std::uint32_t>{1, 1, 1}, {3, 2, 1}}) {
    Group group{{}, weights};
    Group undisturbed{{}, weights};
    for (int i = 0; i < 30; ++i) {
      CHECK(group.pick() == undisturbed.pick());
      group.balancer.pick(set_of({1, 2}), 0, true, kNow);
    }
  }
}

TEST_CASE("Least requests goes where the fewest are for the weight", "[lb][balancing]") {
  Group group{{.policy = Policy::LeastRequests}, {100, 100, 200}};
  group.loads[0] = 3;
  group.loads[1] = 2;
  group.loads[2] = 5;
  CHECK(group.pick() == 1);
  group.loads[2] = 3;
  CHECK(group.pick() == 2);
}

TEST_CASE("Least requests shares by weight while nobody is busy", "[lb][balancing]") {
  Group group{{.policy = Policy::LeastRequests}, {100, 300}};
  const auto counts = group.count(400);
  CHECK(counts.at(0) == 100);
  CHECK(counts.at(1) == 300);
}

TEST_CASE("Two choices never takes the busiest of two", "[lb][balancing]") {
  Group group{{.policy = Policy::TwoChoices}, {100, 100}};
  group.loads[0] = 5;
  group.loads[1] = 4;
  for (int i = 0; i < 100; ++i) CHECK(group.pick() == 1);
}

TEST_CASE("Drawn endpoints come as often as their weights say", "[lb][balancing]") {
  const auto policy = GENERATE(Policy::Random, Policy::TwoChoices);
  Group group{{.policy = policy}, {100, 200, 700}};
  const auto counts = group.count(10'000);
  // Of two drawn without putting back a heavy one is drawn first as often as its weight says.
  CHECK(counts.at(0) == Approx(1000).margin(120));
  CHECK(counts.at(1) == Approx(2000).margin(160));
  CHECK(counts.at(2) == Approx(7000).margin(200));
}

TEST_CASE("Peak EWMA avoids the slow, and asks them again later", "[lb][balancing]") {
  Group group{{.policy = Policy::PeakEwma}, {100, 100}};
  group.balancer.on_answer(0, 10ms, kNow);
  group.balancer.on_answer(1, 500ms, kNow);
  for (int i = 0; i < 50; ++i) CHECK(group.pick(0, kNow + 1ms) == 0);
  group.loads[0] = 60;  // sixty waiting for 10 ms each are worse than one of 500 ms
  CHECK(group.pick(0, kNow + 1ms) == 1);
  group.loads[0] = 0;
  for (int i = 0; i < 50; ++i) group.balancer.on_answer(0, 10ms, kNow + i * 1s);
  CHECK(group.pick(0, kNow + 50s) == 1);  // 500 ms of 50 s ago count for less than 10 ms now
}

TEST_CASE("Peak EWMA does not take failing fast for being fast", "[lb][balancing]") {
  Group group{{.policy = Policy::PeakEwma}, {100, 100}};
  group.balancer.on_answer(0, 100ms, kNow);
  group.balancer.on_failure(1, 1ms, kNow);
  CHECK(group.pick() == 0);
}

TEST_CASE("Peak EWMA gives an unknown endpoint one request, not all", "[lb][balancing]") {
  Group group{{.policy = Policy::PeakEwma}, {100, 100}};
  group.balancer.on_answer(0, 100ms, kNow);
  CHECK(group.pick() == 1);
  group.loads[1] = 1;
  CHECK(group.pick() == 0);
}

TEST_CASE("A key keeps its endpoint whatever order and slots endpoints have", "[lb][balancing]") {
  const auto weights =
      GENERATE(std::vector<std::uint32_t>{100, 100, 100}, std::vector<std::uint32_t>{50, 100, 200});
  Group group{{.policy = Policy::Hash}, weights};
  Group other{{.policy = Policy::Hash}, weights};
  for (auto& member : other.members) member.slot = 40 - 7 * member.slot;
  other.assign();
  for (std::uint64_t key = 1; key < 200; ++key) {
    const auto chosen = group.pick(mix(key));
    CHECK(other.pick(mix(key)) == 40 - 7 * chosen);
    CHECK(group.pick(mix(key)) == chosen);
  }
}

TEST_CASE("Requests without a key are spread", "[lb][balancing]") {
  Group group{{.policy = Policy::Hash}};
  CHECK(group.count(300).size() == 3);
}

TEST_CASE("Bounded load sends the surplus of a hot key elsewhere", "[lb][balancing]") {
  Group group{{.policy = Policy::Hash, .bounded_load_percent = 125}, {100, 100, 100, 100}};
  const auto hot = mix(1);
  const auto first = group.pick(hot);
  for (int i = 0; i < 100; ++i) ++group.loads[group.pick(hot)];
  CHECK(group.loads[first] == 32);  // ⌈1.25 × 100 / 4⌉
  for (const auto& load : group.loads) CHECK(load <= 32);
}

TEST_CASE("A slow start takes its share step by step", "[lb][balancing]") {
  Group group{{.slow_start = 10s}, {100, 100}};
  group.members[1].usable_since = kNow;
  group.assign();
  const auto share = [&group](common::TimePoint at) {
    int taken = 0;
    for (int i = 0; i < 1100; ++i) taken += group.pick(0, at) == 1 ? 1 : 0;
    return taken;
  };
  CHECK(share(kNow) == Approx(100).margin(2));        // a tenth of the other's weight
  CHECK(share(kNow + 5s) == Approx(366).margin(3));   // half
  CHECK(share(kNow + 10s) == Approx(550).margin(3));  // all
  CHECK(share(kNow + 60s) == Approx(550).margin(3));
}

TEST_CASE("Who drains or has no weight takes nobody new, and can be stuck to", "[lb][balancing]") {
  Group group{{}};
  group.members[0].draining = true;
  group.members[1].weight = 0;
  group.assign();
  CHECK(group.balancer.candidates({}) == set_of({2}));
  CHECK(group.balancer.usable() == set_of({0, 1, 2}));
}

TEST_CASE("An endpoint that takes a slot over begins anew", "[lb][balancing]") {
  Group group{{.policy = Policy::PeakEwma}, {100, 100}};
  group.balancer.on_answer(0, 100ms, kNow);
  group.balancer.on_answer(1, 900ms, kNow);
  group.members[1].id = hash_key("new");
  group.assign();
  CHECK(group.pick() == 1);
}
