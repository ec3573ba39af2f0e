#pragma once

#include "lb/telemetry/counters.hpp"
#include "lb/telemetry/series.hpp"

#include <prometheus/collectable.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lb::telemetry {

/// An endpoint as it is at a scrape.
struct EndpointSample {
  std::string upstream;
  std::string endpoint;
  bool usable{true};
  bool draining{false};
  std::uint64_t in_flight{0};
  std::shared_ptr<const std::vector<EndpointCounters>> by_worker;  // not null
};

/// A source of endpoints that is looked up.
struct LookupSample {
  std::string upstream;
  std::string source;  // `dns app.internal:8080`
  bool failing{false};
  std::uint64_t failures{0};
  std::uint64_t endpoints{0};
};

/// What the control thread knows of one upstream as a whole.
struct UpstreamSample {
  std::string upstream;
  bool panicking{false};
};

/// A certificate in use.
struct CertificateSample {
  std::string owner;        // the name of a listener, which shows it to clients
  bool of_upstream{false};  // or of an upstream, whose endpoints are shown it
  std::string subject;
  std::string key;        // `EC 256`
  std::uint64_t ends{0};  // seconds since 1970
};

/// What the limits of one name have turned away.
struct LimitSample {
  std::string zone;
  bool of_rate{true};  // else of concurrency
  std::uint64_t refused{0};
};

/// Where the numbers come from and what they are called. The functions are asked on a scrape, from
/// the scraping thread.
struct Sources {
  std::vector<std::shared_ptr<const WorkerCounters>> workers;
  std::shared_ptr<const ControlCounters> control;
  std::vector<std::string_view> refusals;  // as WorkerCounters::refusals; literals
  std::vector<std::string_view> methods;   // as HttpCounters counts them; literals
  std::function<std::shared_ptr<const Series>()> series;
  std::function<std::vector<EndpointSample>()> endpoints;
  std::function<std::vector<LookupSample>()> lookups;
  std::function<std::vector<UpstreamSample>()> upstreams;
  std::function<std::vector<CertificateSample>()> certificates;
  std::function<std::vector<LimitSample>()> limits;
  std::function<bool()> is_draining;
};

/// Sums the workers' counters when Prometheus asks.
class Collector : public prometheus::Collectable {
 public:
  explicit Collector(Sources sources) : sources_{std::move(sources)} {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  Sources sources_;
};

}  // namespace lb::telemetry
