#include "lb/balancing/retry_budget.hpp"

#include "tests/support/catch.hpp"

using namespace lb::balancing;
using namespace std::chrono_literals;

namespace {

const common::TimePoint kNow{1h};

int take_all(RetryBudget& budget, common::TimePoint now) {
  int taken = 0;
  while (budget.take(now)) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("Requests earn a share of retries", "[lb][balancing]") {
  RetryBudget budget{{.percent = 20, .least_per_second = 0}};
  take_all(budget, kNow);
  for (int i = 0; i < 100; ++i) budget.on_request();
  CHECK(take_all(budget, kNow) == 20);
}

TEST_CASE("Some retries are allowed in any case", "[lb][balancing]") {
  RetryBudget budget{{.percent = 0, .least_per_second = 10}};
  take_all(budget, kNow);
  CHECK(take_all(budget, kNow + 100ms) == 1);
  CHECK(take_all(budget, kNow + 600ms) == 5);
  CHECK(take_all(budget, kNow + 1h) == 10 * RetryBudget::kMostSeconds);
}

TEST_CASE("A quiet time does not save up without end", "[lb][balancing]") {
  RetryBudget budget{{.percent = 100, .least_per_second = 0}};
  for (int i = 0; i < 100'000; ++i) budget.on_request();
  CHECK(take_all(budget, kNow) == RetryBudget::kMostSaved);
}

TEST_CASE("A budget of nothing allows nothing", "[lb][balancing]") {
  RetryBudget budget{{.percent = 0, .least_per_second = 0}};
  budget.on_request();
  CHECK(take_all(budget, kNow) == 0);
}
