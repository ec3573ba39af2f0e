#pragma once

#include "lb/telemetry/counters.hpp"

#include <prometheus/collectable.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lb::telemetry {

/// What the numbers stand for; fixed for the life of the workers that count them.
struct Names {
  struct Endpoint {
    std::string upstream;
    std::string endpoint;
  };
  std::vector<Endpoint> endpoints;             // as WorkerCounters::by_endpoint
  std::vector<std::string_view> refusals;      // as WorkerCounters::refusals; literals
  std::function<bool(std::size_t)> is_usable;  // asked on a scrape, from the scraping thread
  std::function<bool()> is_draining;
};

/// Sums the workers' counters when Prometheus asks.
class Collector : public prometheus::Collectable {
 public:
  Collector(Names names, std::vector<std::shared_ptr<const WorkerCounters>> workers)
      : names_{std::move(names)}, workers_{std::move(workers)} {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  Names names_;
  std::vector<std::shared_ptr<const WorkerCounters>> workers_;
};

}  // namespace lb::telemetry
