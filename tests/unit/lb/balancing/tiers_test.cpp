#include "lb/balancing/tiers.hpp"

#include "tests/support/catch.hpp"

using namespace lb::balancing;

namespace {

EndpointSet set_of(std::initializer_list<std::size_t> members) {
  EndpointSet set;
  for (const auto member : members) set.add(member);
  return set;
}

/// Slots 0 to 3 in tier 0, 4 and 5 in tier 1; `sick` are not usable.
Tiers tiers(EndpointSet sick, unsigned panic_percent) {
  std::vector<Standing> all;
  for (std::size_t slot = 0; slot < 6; ++slot)
    all.push_back({.slot = slot, .tier = slot < 4 ? 0U : 1U, .usable = !sick.contains(slot)});
  Tiers tiers;
  tiers.assign(all, panic_percent);
  return tiers;
}

}  // namespace

TEST_CASE("The first tier with somebody usable serves", "[lb][balancing]") {
  struct Row {
    EndpointSet sick;
    unsigned panic_percent;
    EndpointSet serving;
    bool panicking;
  };
  const auto row =
      GENERATE(Row{set_of({}), 0, set_of({0, 1, 2, 3}), false},
               Row{set_of({0, 1, 2}), 0, set_of({3}), false},
               Row{set_of({0, 1, 2, 3}), 0, set_of({4, 5}), false},
               Row{set_of({0, 1, 2, 3, 4, 5}), 0, set_of({}), false},
               Row{set_of({0, 1}), 50, set_of({2, 3}), false},
               Row{set_of({0, 1, 2}), 50, set_of({4, 5}), false},  // the well backup before a panic
               Row{set_of({0, 1, 2, 4, 5}), 50, set_of({0, 1, 2, 3}), true},
               Row{set_of({0, 1, 2, 3, 4, 5}), 50, set_of({0, 1, 2, 3}), true},
               Row{set_of({0, 1, 2, 3, 4}), 60, set_of({4, 5}), true});
  const auto made = tiers(row.sick, row.panic_percent);
  CHECK(made.candidates({}) == row.serving);
  CHECK(made.panicking() == row.panicking);
}

TEST_CASE("Another try stays in the tier while somebody there is untried", "[lb][balancing]") {
  const auto made = tiers(set_of({0, 1}), 0);
  CHECK(made.candidates(set_of({2})) == set_of({3}));
  CHECK(made.candidates(set_of({2, 3})) == set_of({4, 5}));
  CHECK(made.candidates(set_of({2, 3, 4, 5})).empty());
}

TEST_CASE("Who takes no new clients does not count among the sick", "[lb][balancing]") {
  Tiers made;
  const std::vector<Standing> all{{.slot = 0, .open = false}, {.slot = 1}};
  made.assign(all, 100);
  CHECK(made.candidates({}) == set_of({1}));
  CHECK_FALSE(made.panicking());
}
