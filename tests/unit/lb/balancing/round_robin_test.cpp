#include "lb/balancing/round_robin.hpp"

#include "tests/support/catch.hpp"

using namespace lb::balancing;

namespace {

EndpointSet set_of(std::initializer_list<std::size_t> members) {
  EndpointSet set;
  for (const auto member : members) set.add(member);
  return set;
}

Weights equal() {
  Weights weights;
  weights.of.fill(100);
  return weights;
}

}  // namespace

TEST_CASE("Endpoints take turns", "[lb][balancing]") {
  RoundRobin turns;
  const auto all = set_of({0, 1, 2});
  for (std::size_t i = 0; i < 9; ++i) CHECK(turns.pick(all, equal()) == i % 3);
}

TEST_CASE("An endpoint that is out is passed over and comes back", "[lb][balancing]") {
  RoundRobin turns;
  CHECK(turns.pick(set_of({0, 2}), equal()) == 0U);
  CHECK(turns.pick(set_of({0, 2}), equal()) == 2U);
  CHECK(turns.pick(set_of({0, 1, 2}), equal()) == 0U);
  CHECK(turns.pick(set_of({0, 1, 2}), equal()) == 1U);
  CHECK(turns.pick(set_of({63}), equal()) == 63U);
  CHECK(turns.pick(set_of({0, 1}), equal()) == 0U);
}

TEST_CASE("Workers begin at different endpoints", "[lb][balancing]") {
  RoundRobin second{1};
  CHECK(second.pick(set_of({0, 1}), equal()) == 1U);
  auto weights = equal();
  weights.uniform = false;
  RoundRobin weighted{1};
  CHECK(weighted.pick(set_of({0, 1}), weights) == 1U);
}

TEST_CASE("A set of endpoints does what a set does", "[lb][balancing]") {
  CHECK(set_of({0, 1, 5}).without(set_of({1, 7})) == set_of({0, 5}));
  CHECK(set_of({3, 9, 63}).from(9) == set_of({9, 63}));
  CHECK(set_of({3, 9, 63}).nth(2) == 63);
  CHECK(set_of({3, 9, 63}).size() == 3);
  std::vector<std::size_t> seen;
  for (const auto slot : set_of({63, 0, 7})) seen.push_back(slot);
  CHECK(seen == std::vector<std::size_t>{0, 7, 63});
}
