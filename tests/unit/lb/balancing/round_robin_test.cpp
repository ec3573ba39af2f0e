#include "lb/balancing/round_robin.hpp"

#include "tests/support/catch.hpp"

using namespace lb::balancing;

namespace {

EndpointSet set_of(std::initializer_list<std::size_t> members) {
  EndpointSet set;
  for (const auto member : members) set.add(member);
  return set;
}

}  // namespace

TEST_CASE("Endpoints take turns", "[lb][balancing]") {
  RoundRobin turns;
  const auto all = set_of({0, 1, 2});
  for (std::size_t i = 0; i < 9; ++i) CHECK(turns.pick(all) == i % 3);
}

TEST_CASE("An endpoint that is out is passed over and comes back", "[lb][balancing]") {
  RoundRobin turns;
  CHECK(turns.pick(set_of({0, 2})) == 0U);
  CHECK(turns.pick(set_of({0, 2})) == 2U);
  CHECK(turns.pick(set_of({0, 1, 2})) == 0U);
  CHECK(turns.pick(set_of({0, 1, 2})) == 1U);
  CHECK(turns.pick({}) == std::nullopt);
  CHECK(turns.pick(set_of({63})) == 63U);
}

TEST_CASE("Workers begin at different endpoints", "[lb][balancing]") {
  RoundRobin second{1};
  CHECK(second.pick(set_of({0, 1})) == 1U);
}

TEST_CASE("What was tried is left out", "[lb][balancing]") {
  CHECK(set_of({0, 1, 5}).without(set_of({1, 7})) == set_of({0, 5}));
}
