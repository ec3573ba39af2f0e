#include "common/metrics.hpp"

#include "tests/support/catch.hpp"

#include <prometheus/counter.h>

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

}  // namespace
}  // namespace common
