#include "common/metrics.hpp"

#include "tests/support/catch.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <limits>

namespace common {
namespace {

struct Summed : prometheus::Collectable {
  std::vector<prometheus::MetricFamily> Collect() const override {
    prometheus::MetricFamily family{
        "lbd_requests_total", "Requests.", prometheus::MetricType::Counter, {}};
    prometheus::ClientMetric metric;
    metric.counter.value = 7;
    family.metric.push_back(metric);
    return {family};
  }
};

TEST_CASE("A scrape shows the registry's counters and what is summed for it", "[common][metrics]") {
  Metrics metrics;
  prometheus::BuildCounter()
      .Name("lbd_retries_total")
      .Register(metrics.registry())
      .Add({})
      .Increment();
  auto source = std::make_shared<Summed>();
  metrics.add(source);
  CHECK(metrics.text().find("lbd_retries_total 1") != std::string::npos);
  CHECK(metrics.text().find("lbd_requests_total 7") != std::string::npos);

  source.reset();
  CHECK(metrics.text().find("lbd_requests_total") == std::string::npos);
}

TEST_CASE("The text format 0.0.4, octet for octet", "[common][metrics]") {
  Metrics metrics;
  auto& registry = metrics.registry();
  auto& counts = prometheus::BuildCounter().Name("a_total").Help("Of a.").Register(registry);
  counts.Add({{"name", "\\ \" \n"}, {"more", "1"}}).Increment();
  // The same name, the same labels: the same counter.
  prometheus::BuildCounter()
      .Name("a_total")
      .Register(registry)
      .Add({{"name", "\\ \" \n"}, {"more", "1"}})
      .Increment();
  prometheus::BuildCounter().Name("nothing_total").Register(registry);
  auto& gauge = prometheus::BuildGauge().Name("g").Register(registry).Add({});
  auto& took = prometheus::BuildHistogram()
                   .Name("h_seconds")
                   .Help("Of h.")
                   .Register(registry)
                   .Add({{"route", "/"}}, prometheus::Histogram::BucketBoundaries{0.001, 0.1});
  for (const double value : {0.0005, 0.001, 0.1, 2.0}) took.Observe(value);  // a boundary is in
  gauge.Set(1764480000);
  CHECK(metrics.text() ==
        "# HELP a_total Of a.\n"
        "# TYPE a_total counter\n"
        "a_total{more=\"1\",name=\"\\\\ \\\" \\n\"} 2\n"
        "# TYPE g gauge\n"
        "g 1764480000\n"
        "# HELP h_seconds Of h.\n"
        "# TYPE h_seconds histogram\n"
        "h_seconds_count{route=\"/\"} 4\n"
        "h_seconds_sum{route=\"/\"} 2.1015\n"
        "h_seconds_bucket{route=\"/\",le=\"0.001\"} 2\n"
        "h_seconds_bucket{route=\"/\",le=\"0.1\"} 3\n"
        "h_seconds_bucket{route=\"/\",le=\"+Inf\"} 4\n");

  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  using Row = std::pair<double, const char*>;
  for (const auto& [value, text] :
       {Row{0.1, "g 0.1\n"}, Row{-2.5e-7, "g -2.5e-07\n"}, Row{1e21, "g 1e+21\n"},
        Row{kInfinity, "g +Inf\n"}, Row{-kInfinity, "g -Inf\n"},
        Row{std::numeric_limits<double>::quiet_NaN(), "g Nan\n"}}) {
    gauge.Set(value);
    CHECK(metrics.text().find(text) != std::string::npos);
  }
}

}  // namespace
}  // namespace common
