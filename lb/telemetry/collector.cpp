#include "lb/telemetry/collector.hpp"

#include "common/build_info.hpp"

#include <prometheus/metric_family.h>

#include <limits>
#include <utility>

namespace lb::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

MetricFamily family(std::string name, std::string help, MetricType type) {
  return {std::move(name), std::move(help), type, {}};
}

void add(MetricFamily& to, double value, Labels labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  if (to.type == MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  to.metric.push_back(std::move(metric));
}

class Sum {
 public:
  explicit Sum(const std::vector<std::shared_ptr<const WorkerCounters>>& workers)
      : workers_{workers} {}

  template <class Pick>
  double operator()(Pick pick) const {
    std::uint64_t total = 0;
    for (const auto& worker : workers_) total += pick(*worker).value();
    return static_cast<double>(total);
  }

 private:
  const std::vector<std::shared_ptr<const WorkerCounters>>& workers_;
};

MetricFamily plain(const Sum& sum, std::string name, std::string help, MetricType type,
                   Count WorkerCounters::*member) {
  auto out = family(std::move(name), std::move(help), type);
  add(out, sum([member](const WorkerCounters& worker) -> const Count& { return worker.*member; }));
  return out;
}

MetricFamily answers(const Sum& sum) {
  auto out =
      family("lbd_http_requests_total", "Requests answered, by status.", MetricType::Counter);
  for (std::size_t status = 100; status < 600; ++status) {
    const double count = sum(
        [status](const WorkerCounters& worker) -> const Count& { return worker.answers[status]; });
    if (count > 0) add(out, count, {{"code", std::to_string(status)}});
  }
  return out;
}

MetricFamily refusals(const Sum& sum, const std::vector<std::string_view>& names) {
  auto out =
      family("lbd_refused_total", "Requests lbd answered itself, by reason.", MetricType::Counter);
  for (std::size_t i = 0; i < names.size(); ++i)
    add(out, sum([i](const WorkerCounters& worker) -> const Count& { return worker.refusals[i]; }),
        {{"reason", std::string{names[i]}}});
  return out;
}

MetricFamily retries(const Sum& sum) {
  static constexpr std::array<const char*, kRetryCount> kReasons{"not_connected", "connection_died",
                                                                 "endpoint_lost"};
  auto out =
      family("lbd_retries_total", "Requests sent once more, by reason.", MetricType::Counter);
  for (std::size_t i = 0; i < kRetryCount; ++i)
    add(out, sum([i](const WorkerCounters& worker) -> const Count& { return worker.retries[i]; }),
        {{"reason", kReasons[i]}});
  return out;
}

MetricFamily durations(const Sum& sum) {
  auto out =
      family("lbd_http_request_duration_seconds",
             "From the first octet of a request to the last of its answer.", MetricType::Histogram);
  ClientMetric metric;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= kDurationBounds.size(); ++i) {
    cumulative += static_cast<std::uint64_t>(sum(
        [i](const WorkerCounters& worker) -> const Count& { return worker.durations.buckets[i]; }));
    const double bound =
        i < kDurationBounds.size() ? kDurationBounds[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({cumulative, bound});
  }
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum =
      sum([](const WorkerCounters& worker) -> const Count& { return worker.durations.sum_us; }) /
      1e6;
  out.metric.push_back(std::move(metric));
  return out;
}

}  // namespace

std::vector<MetricFamily> Collector::Collect() const {
  const Sum sum{workers_};
  std::vector<MetricFamily> out;
  out.push_back(answers(sum));
  out.push_back(durations(sum));
  out.push_back(refusals(sum, names_.refusals));
  out.push_back(retries(sum));
  out.push_back(plain(sum, "lbd_client_connections_total", "Client connections accepted.",
                      MetricType::Counter, &WorkerCounters::client_connections));
  out.push_back(plain(sum, "lbd_client_connections_active", "Client connections open now.",
                      MetricType::Gauge, &WorkerCounters::active_client_connections));
  out.push_back(plain(sum, "lbd_upstream_connections_total", "Connections opened to endpoints.",
                      MetricType::Counter, &WorkerCounters::upstream_connections));
  out.push_back(plain(sum, "lbd_accept_pauses_total",
                      "Times accepting paused for want of descriptors or at the connection limit.",
                      MetricType::Counter, &WorkerCounters::accept_pauses));
  out.push_back(plain(sum, "lbd_client_received_bytes_total", "Octets read from clients.",
                      MetricType::Counter, &WorkerCounters::bytes_received));
  out.push_back(plain(sum, "lbd_client_sent_bytes_total", "Octets sent to clients.",
                      MetricType::Counter, &WorkerCounters::bytes_sent));

  auto attempts = family("lbd_upstream_requests_total", "Attempts at endpoints, by outcome.",
                         MetricType::Counter);
  auto up = family("lbd_upstream_up", "Whether an endpoint is in use.", MetricType::Gauge);
  for (std::size_t i = 0; i < names_.endpoints.size(); ++i) {
    const Labels labels{{"upstream", names_.endpoints[i].upstream},
                        {"endpoint", names_.endpoints[i].endpoint}};
    const auto with = [&labels](const char* outcome) {
      auto all = labels;
      all.push_back({"outcome", outcome});
      return all;
    };
    add(attempts, sum([i](const WorkerCounters& worker) -> const Count& {
          return worker.by_endpoint[i].answered;
        }),
        with("answered"));
    add(attempts, sum([i](const WorkerCounters& worker) -> const Count& {
          return worker.by_endpoint[i].failed;
        }),
        with("failed"));
    add(up, names_.is_usable(i) ? 1 : 0, labels);
  }
  out.push_back(std::move(attempts));
  out.push_back(std::move(up));
  auto draining = family("lbd_draining", "1 while lbd finishes what it has and takes nothing new.",
                         MetricType::Gauge);
  add(draining, names_.is_draining() ? 1 : 0);
  out.push_back(std::move(draining));
  auto build = family("lbd_build_info", "Always 1; the version is the label.", MetricType::Gauge);
  add(build, 1, {{"version", common::kVersion}});
  out.push_back(std::move(build));
  return out;
}

}  // namespace lb::telemetry
