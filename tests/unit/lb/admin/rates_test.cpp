#include "lb/admin/rates.hpp"

#include "tests/support/catch.hpp"

namespace lb::admin {
namespace {

using std::chrono::seconds;

const DurationStatus kNone{{0.01, 0.1, 1.0}, {0, 0, 0, 0}};

TEST_CASE("A quantile is linear within its bucket", "[lb][admin]") {
  const DurationStatus spread{{0.01, 0.1, 1.0}, {50, 40, 10, 0}};
  CHECK(quantile(spread, kNone, 0.50) == Approx(0.01));
  CHECK(quantile(spread, kNone, 0.25) == Approx(0.005));
  CHECK(quantile(spread, kNone, 0.95) == Approx(0.55));
  CHECK_FALSE(quantile(spread, spread, 0.5));
  const DurationStatus slow{{0.01, 0.1, 1.0}, {0, 0, 0, 3}};
  CHECK(quantile(slow, kNone, 0.5) == Approx(1.0));
  CHECK_FALSE(quantile({}, {}, 0.5));
  CHECK_FALSE(quantile({{1.0}, {1}}, {}, 0.5));  // a bucket is missing
}

TEST_CASE("Rates are made of two totals and the time between them", "[lb][admin]") {
  Rates rates;
  const common::TimePoint start{};
  Totals totals;
  totals.durations = kNone;
  totals.by_class[1] = 1000;
  rates.add(totals, start, {});
  CHECK(rates.latest().requests == 0);
  CHECK(rates.history().empty());
  totals.by_class[1] += 30;
  totals.by_class[4] += 10;
  totals.durations.buckets[1] += 40;
  totals.requests_now = 3;
  rates.add(totals, start + seconds{2}, {});
  CHECK(rates.latest().requests == Approx(20));
  CHECK(rates.latest().by_class[4] == Approx(5));
  CHECK(*rates.latest().p50 == Approx(0.055));
  CHECK(rates.latest().requests_now == 3);
  rates.add(totals, start + seconds{2}, {});  // no time has passed
  CHECK(rates.history().size() == 1);
  for (int second = 3; second < 1000; ++second) rates.add(totals, start + seconds{second}, {});
  CHECK(rates.history().size() == Rates::kKept);
  CHECK(rates.latest().requests == 0);
  CHECK_FALSE(rates.latest().p50);  // nothing ended within the window
}

}  // namespace
}  // namespace lb::admin
