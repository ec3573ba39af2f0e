#include "scripts/strobe/measure/histogram.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <random>
#include <vector>

using namespace std::chrono_literals;
using strobe::measure::Histogram;

TEST_CASE("An empty histogram has no latency", "[strobe]") {
  CHECK(Histogram{}.percentile(99) == 0us);
  CHECK(Histogram{}.max() == 0us);
}

TEST_CASE("Small latencies are exact", "[strobe]") {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.add(std::chrono::microseconds{i});
  CHECK(histogram.percentile(50) == 50us);
  CHECK(histogram.percentile(99) == 99us);
  CHECK(histogram.percentile(100) == 100us);
}

TEST_CASE("A percentile is never below the true one and at most 1/64 above", "[strobe]") {
  const auto seed = GENERATE(1U, 2U, 3U);
  std::mt19937_64 random{seed};
  std::lognormal_distribution<double> distribution{7, 3};
  std::vector<std::int64_t> values(5000);
  Histogram histogram;
  for (auto& value : values) {
    value = static_cast<std::int64_t>(distribution(random));
    histogram.add(std::chrono::microseconds{value});
  }
  std::sort(values.begin(), values.end());
  for (const std::size_t rank : {std::size_t{1}, std::size_t{2500}, std::size_t{4500},
                                 std::size_t{4950}, std::size_t{4995}, std::size_t{5000}}) {
    const auto truth = values[rank - 1];
    const auto found = histogram.percentile(static_cast<double>(rank) / 50.0).count();
    INFO("seed " << seed << " rank " << rank);
    CHECK(found >= truth);
    CHECK(static_cast<double>(found) <= static_cast<double>(truth) * (1 + 1.0 / 64) + 1);
  }
}

TEST_CASE("A latency beyond every bucket still counts", "[strobe]") {
  Histogram histogram;
  histogram.add(100h);
  CHECK(histogram.count() == 1);
  CHECK(histogram.max() == 100h);
}
