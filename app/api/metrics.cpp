#include "app/api/metrics.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <algorithm>
#include <array>

namespace booking::api {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                       0.1,   0.25,   0.5,   1,    2.5,   5};

std::string known_method(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods{"GET",    "HEAD",    "POST", "PUT",
                                                     "DELETE", "OPTIONS", "PATCH"};
  return std::ranges::find(kMethods, method) == kMethods.end() ? "other" : std::string{method};
}

auto& counters(common::Metrics& metrics, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(metrics.registry());
}

class StoreMetrics : public prometheus::Collectable {
 public:
  explicit StoreMetrics(const store::Store& store) : store_{store} {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    const auto now = store_.statistics();
    const auto readiness = store_.readiness();
    const auto gauge = prometheus::MetricType::Gauge;
    const auto counter = prometheus::MetricType::Counter;
    return {family("bookd_ready", "1 while the database can be read and written", gauge,
                   readiness.ready() ? 1 : 0),
            family("bookd_db_queue_length", "Operations waiting for a connection", gauge,
                   now.queue_length),
            family("bookd_db_operations_total", "Operations begun", counter, now.operations),
            family("bookd_db_overloaded_total", "Operations refused: the queue was full", counter,
                   now.overloaded),
            family("bookd_db_connects_total", "Connections opened", counter, now.connects),
            family("bookd_db_connections_lost_total", "Connections that broke", counter, now.lost),
            family("bookd_db_retries_total", "Transactions done again", counter, now.retries)};
  }

 private:
  static prometheus::MetricFamily family(const char* name, const char* help,
                                         prometheus::MetricType type, std::uint64_t value) {
    prometheus::ClientMetric metric;
    metric.counter.value = static_cast<double>(value);
    metric.gauge.value = static_cast<double>(value);
    return {name, help, type, {metric}};
  }

  const store::Store& store_;
};

}  // namespace

Metrics::Metrics(common::Metrics& metrics)
    : requests_{counters(metrics, "bookd_http_requests_total", "Requests answered")},
      durations_{prometheus::BuildHistogram()
                     .Name("bookd_http_request_duration_seconds")
                     .Help("From the end of the request to the answer's last octet")
                     .Register(metrics.registry())},
      refused_{counters(metrics, "bookd_http_refused_total",
                        "Connections and requests that were not taken")},
      connections_{prometheus::BuildGauge()
                       .Name("bookd_http_connections")
                       .Help("Open connections")
                       .Register(metrics.registry())
                       .Add({})},
      certificates_{prometheus::BuildGauge()
                        .Name("bookd_tls_certificate_expiry_timestamp_seconds")
                        .Help("When the listener's certificate ends; nothing without TLS")
                        .Register(metrics.registry())},
      bookings_{counters(metrics, "bookd_bookings_total", "Bookings by what happened to them")},
      idempotent_{counters(metrics, "bookd_idempotent_requests_total",
                           "Requests that carry an idempotency key, by outcome")},
      lookups_{counters(metrics, "bookd_lookup_attempts_total", "Guests looking for a booking")},
      logins_{counters(metrics, "bookd_admin_logins_total", "Tries to log in")},
      slot_conflicts_{counters(metrics, "bookd_slot_conflicts_total",
                               "Approvals refused because the time was taken")
                          .Add({})} {}

void Metrics::on_exchange(std::string_view route, std::string_view method, unsigned status,
                          std::chrono::duration<double> took) {
  const std::string name{route.empty() ? "none" : route};
  requests_
      .Add({{"route", name}, {"method", known_method(method)}, {"code", std::to_string(status)}})
      .Increment();
  durations_.Add({{"route", name}}, kSeconds).Observe(took.count());
}

void Metrics::on_refused(std::string_view reason) { count(refused_, "reason", reason); }

void Metrics::count(Counters& family, std::string_view label, std::string_view value) {
  family.Add({{std::string{label}, std::string{value}}}).Increment();
}

std::shared_ptr<prometheus::Collectable> store_metrics(const store::Store& store) {
  return std::make_shared<StoreMetrics>(store);
}

}  // namespace booking::api
