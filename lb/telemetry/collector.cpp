#include "lb/telemetry/collector.hpp"

#include "common/build_info.hpp"
#include "lb/telemetry/families.hpp"
#include "lb/telemetry/http2_families.hpp"

#include <map>
#include <utility>

namespace lb::telemetry {
namespace {

using prometheus::MetricFamily;
using Type = prometheus::MetricType;
using Families = std::vector<MetricFamily>;
using Workers = std::vector<std::shared_ptr<const WorkerCounters>>;

constexpr std::array<const char*, kRetryCount> kRetries{"not_connected", "connection_died",
                                                        "endpoint_lost", "try_timeout"};
constexpr std::array<const char*, kOutcomeCount> kOutcomes{
    "answered",        "server_error", "not_connected", "connect_timeout",
    "connection_died", "timeout",      "bad_answer",    "abandoned"};
constexpr std::array<const char*, kTimeoutCount> kTimeouts{
    "head",       "body",   "connect", "first_byte", "between_bytes", "send",
    "keep_alive", "tunnel", "total",   "linger",     "handshake",     "go_ahead"};
constexpr std::array<const char*, TlsCounters::kFailures> kTlsFailures{
    "closed",       "timeout",     "not_tls", "nothing_in_common",
    "unknown_name", "certificate", "alert",   "protocol"};
constexpr std::array<const char*, kRejectedCount> kRejections{
    "denied", "proxy_header", "per_client", "overload", "descriptors"};

/// `pick(const WorkerCounters&)` gives a Count of each worker.
template <class Pick>
std::uint64_t sum(const Workers& workers, Pick pick) {
  std::uint64_t total = 0;
  for (const auto& worker : workers) total += pick(*worker).value();
  return total;
}

std::uint64_t sum(const Workers& workers, Count WorkerCounters::*member) {
  return sum(workers,
             [member](const WorkerCounters& worker) -> const Count& { return worker.*member; });
}

MetricFamily plain(std::string name, std::string help, Type type, std::uint64_t value) {
  Family out{std::move(name), std::move(help), type};
  out.add(value);
  return out.take();
}

/// A counter of each of an array's members, told apart by one label.
template <class Names, std::size_t kSize>
MetricFamily each(const Workers& workers, std::string name, std::string help, const char* label,
                  const Names& names, std::array<Count, kSize> WorkerCounters::*member) {
  Family out{std::move(name), std::move(help), Type::Counter};
  for (std::size_t i = 0; i < names.size(); ++i)
    out.add(sum(workers,
                [member, i](const WorkerCounters& worker) -> const Count& {
                  return (worker.*member)[i];
                }),
            {{label, names[i]}});
  return out.take();
}

void add_requests(Families& out, const Series& series, std::size_t workers,
                  const std::vector<std::string_view>& methods) {
  // What several listeners or routes of one name have counted is one sample.
  std::map<const HttpSeries*, bool> seen;
  std::map<std::string_view, HistogramSum> durations;
  Family requests{"lbd_http_requests_total", "Requests answered.", Type::Counter};
  for (const auto& one : series.all_http()) {
    if (std::exchange(seen[one.get()], true)) continue;
    std::map<std::pair<std::size_t, unsigned>, std::uint64_t> answers;
    auto& durations_of_route = durations[one->route()];
    for (std::size_t worker = 0; worker < workers; ++worker) {
      const auto* counters = one->look(worker);
      if (counters == nullptr) continue;
      counters->for_each([&answers](std::size_t method, unsigned status, std::uint64_t count) {
        answers[{method, status}] += count;
      });
      durations_of_route.add(counters->durations());
    }
    for (const auto& [key, count] : answers)
      requests.add(count, {{"listener", one->listener()},
                           {"route", one->route()},
                           {"method", methods[key.first]},
                           {"code", std::to_string(key.second)}});
  }
  out.push_back(requests.take());
  Family histogram{"lbd_http_request_duration_seconds",
                   "From the first octet of a request to the last of its answer.", Type::Histogram};
  for (const auto& [route, total] : durations) histogram.add(total, {{"route", route}});
  out.push_back(histogram.take());
}

void add_endpoints(Families& out, const std::vector<EndpointSample>& endpoints) {
  Family attempts{"lbd_upstream_requests_total", "Attempts at endpoints, by outcome.",
                  Type::Counter};
  Family opened{"lbd_upstream_endpoint_connections_total", "Connections opened to an endpoint.",
                Type::Counter};
  Family active{"lbd_upstream_requests_active", "Exchanges at an endpoint now.", Type::Gauge};
  Family up{"lbd_upstream_up", "Whether an endpoint is in use.", Type::Gauge};
  Family draining{"lbd_upstream_draining", "Whether an endpoint gets no new clients.", Type::Gauge};
  Family connecting{"lbd_upstream_connect_seconds",
                    "Until a connection to an endpoint was established.", Type::Histogram};
  Family answering{"lbd_upstream_request_duration_seconds",
                   "From asking an endpoint, connecting included, to the head of its answer.",
                   Type::Histogram};
  for (const auto& endpoint : endpoints) {
    const Labels labels{{"upstream", endpoint.upstream}, {"endpoint", endpoint.endpoint}};
    std::uint64_t connections = 0;
    HistogramSum connects;
    HistogramSum answers;
    for (const auto& worker : *endpoint.by_worker) {
      connections += worker.connections.value();
      connects.add(worker.connecting);
      answers.add(worker.answering);
    }
    for (std::size_t i = 0; i < kOutcomeCount; ++i) {
      std::uint64_t count = 0;
      for (const auto& worker : *endpoint.by_worker) count += worker.outcomes[i].value();
      auto all = labels;
      all.emplace_back("outcome", kOutcomes[i]);
      attempts.add(count, all);
    }
    opened.add(connections, labels);
    active.add(endpoint.in_flight, labels);
    up.add(std::uint64_t{endpoint.usable}, labels);
    draining.add(std::uint64_t{endpoint.draining}, labels);
    connecting.add(connects, labels);
    answering.add(answers, labels);
  }
  for (auto* family : {&attempts, &opened, &active, &up, &draining, &connecting, &answering})
    out.push_back(family->take());
}

void add_lookups(Families& out, const std::vector<LookupSample>& lookups) {
  Family up{"lbd_endpoint_source_up",
            "Whether endpoints were looked up the last time they were to.", Type::Gauge};
  Family failures{"lbd_endpoint_source_failures_total",
                  "Look-ups of endpoints that failed; what was found last stays.", Type::Counter};
  Family endpoints{"lbd_endpoint_source_endpoints", "Endpoints that a source has named last.",
                   Type::Gauge};
  for (const auto& lookup : lookups) {
    const Labels labels{{"upstream", lookup.upstream}, {"source", lookup.source}};
    up.add(std::uint64_t{!lookup.failing}, labels);
    failures.add(lookup.failures, labels);
    endpoints.add(lookup.endpoints, labels);
  }
  for (auto* family : {&up, &failures, &endpoints}) out.push_back(family->take());
}

void add_upstreams(Families& out, const std::vector<UpstreamSample>& upstreams) {
  Family panic{"lbd_upstream_panic",
               "1 while endpoints serve that are not fit, because too few are.", Type::Gauge};
  for (const auto& upstream : upstreams)
    panic.add(std::uint64_t{upstream.panicking}, {{"upstream", upstream.upstream}});
  out.push_back(panic.take());
}

void add_limits(Families& out, const std::vector<LimitSample>& limits) {
  Family rate{"lbd_ratelimited_total", "Requests refused by a rate_limit, by its name.",
              Type::Counter};
  Family concurrency{"lbd_concurrency_limited_total",
                     "Requests refused by a concurrency_limit, by its name.", Type::Counter};
  for (const auto& limit : limits)
    (limit.of_rate ? rate : concurrency).add(limit.refused, {{"zone", limit.zone}});
  out.push_back(rate.take());
  out.push_back(concurrency.take());
}

void add_queues(Families& out, const Series& series) {
  Family queued{"lbd_upstream_queued", "Requests that wait for a place at an endpoint.",
                Type::Gauge};
  Family refused{"lbd_upstream_queue_refused_total",
                 "Requests that found the queue full or waited too long.", Type::Counter};
  Family waited{"lbd_upstream_queue_seconds", "In the queue, of those who had to wait.",
                Type::Histogram};
  for (const auto& upstream : series.all_upstreams()) {
    std::uint64_t now = 0;
    std::uint64_t full = 0;
    std::uint64_t late = 0;
    HistogramSum queueing;
    for (const auto& worker : upstream->by_worker) {
      now += worker.queued.value();
      full += worker.queue_full.value();
      late += worker.queue_timeouts.value();
      queueing.add(worker.queueing);
    }
    queued.add(now, {{"upstream", upstream->name}});
    refused.add(full, {{"upstream", upstream->name}, {"reason", "full"}});
    refused.add(late, {{"upstream", upstream->name}, {"reason", "timeout"}});
    waited.add(queueing, {{"upstream", upstream->name}});
  }
  for (auto* family : {&queued, &refused, &waited}) out.push_back(family->take());
}

void add_connections(Families& out, const Workers& workers) {
  Family active{"lbd_connections_active", "Connections open now.", Type::Gauge};
  active.add(sum(workers, &WorkerCounters::active_client_connections), {{"side", "client"}});
  active.add(sum(workers, &WorkerCounters::active_upstream_connections), {{"side", "upstream"}});
  out.push_back(active.take());
  out.push_back(plain("lbd_http_requests_active", "Requests being served now.", Type::Gauge,
                      sum(workers, &WorkerCounters::active_requests)));
  out.push_back(each(workers, "lbd_connections_rejected_total",
                     "Client connections closed before they were served.", "reason", kRejections,
                     &WorkerCounters::rejected));
  const auto total = [&](const char* name, const char* help, Count WorkerCounters::*member) {
    out.push_back(plain(name, help, Type::Counter, sum(workers, member)));
  };
  total("lbd_client_connections_total", "Client connections accepted.",
        &WorkerCounters::client_connections);
  total("lbd_upstream_connections_total", "Connections opened to endpoints.",
        &WorkerCounters::upstream_connections);
  total("lbd_idle_connections_shed_total", "Idle client connections closed for want of room.",
        &WorkerCounters::shed_idle);
  total("lbd_connections_used_up_total",
        "Client connections that ended because they had had all requests that one may have.",
        &WorkerCounters::used_up);
  total("lbd_accept_pauses_total",
        "Times accepting paused for want of descriptors or at a limit of connections.",
        &WorkerCounters::accept_pauses);
  total("lbd_client_received_bytes_total", "Octets read from clients.",
        &WorkerCounters::bytes_received);
  total("lbd_client_sent_bytes_total", "Octets sent to clients.", &WorkerCounters::bytes_sent);
}

void add_tls(Families& out, const Workers& workers,
             const std::vector<CertificateSample>& certificates) {
  Family handshakes{"lbd_tls_handshakes_total", "TLS connections established.", Type::Counter};
  Family failures{"lbd_tls_handshake_failures_total",
                  "TLS connections that did not come about, by reason.", Type::Counter};
  Family ends{"lbd_tls_certificate_expiry_timestamp_seconds",
              "When a certificate in use expires, in seconds since 1970.", Type::Gauge};
  for (const bool client : {true, false}) {
    const auto& side = client ? &WorkerCounters::client_tls : &WorkerCounters::upstream_tls;
    const char* const name = client ? "client" : "upstream";
    for (std::size_t i = 0; i < 4; ++i)
      handshakes.add(sum(workers,
                         [side, i](const WorkerCounters& worker) -> const Count& {
                           return (worker.*side).handshakes[i];
                         }),
                     {{"side", name},
                      {"version", i < 2 ? "TLSv1.2" : "TLSv1.3"},
                      {"resumed", i % 2 == 0 ? "false" : "true"}});
    for (std::size_t i = 0; i < kTlsFailures.size(); ++i)
      failures.add(sum(workers,
                       [side, i](const WorkerCounters& worker) -> const Count& {
                         return (worker.*side).failures[i];
                       }),
                   {{"side", name}, {"reason", kTlsFailures[i]}});
  }
  Family ktls{"lbd_tls_ktls_connections_total",
              "TLS connections whose encryption was given to the kernel.", Type::Counter};
  ktls.add(sum(workers,
               [](const WorkerCounters& worker) -> const Count& { return worker.client_tls.ktls; }),
           {{"side", "client"}});
  Family floods{"lbd_tls_floods_total",
                "TLS connections ended as too many records came that carry nothing, such as new "
                "keys, alerts and empty ones.",
                Type::Counter};
  floods.add(
      sum(workers,
          [](const WorkerCounters& worker) -> const Count& { return worker.client_tls.floods; }),
      {{"side", "client"}});
  for (const auto& one : certificates)
    ends.add(one.ends, {{one.of_upstream ? "upstream" : "listener", one.owner},
                        {"subject", one.subject},
                        {"key", one.key}});
  for (auto* family : {&handshakes, &failures, &ktls, &floods, &ends})
    out.push_back(family->take());
}

void add_loops(Families& out, const Workers& workers) {
  Family late{"lbd_event_loop_lag_seconds",
              "How late a worker's event loop was, looked at 50 times a second.", Type::Histogram};
  Family level{"lbd_overload_level",
               "What is let go: 0 nothing, 1 idle connections, 2 new connections, 3 requests.",
               Type::Gauge};
  Family last{"lbd_event_loop_lag_last_seconds", "How late a worker's event loop was just now.",
              Type::Gauge};
  for (std::size_t number = 0; number < workers.size(); ++number) {
    const auto name = std::to_string(number);
    HistogramSum lag;
    lag.add(workers[number]->loop_lag);
    late.add(lag, {{"worker", name}});
    last.add(static_cast<double>(workers[number]->loop_lag_us.value()) / 1e6, {{"worker", name}});
  }
  for (std::size_t number = 0; number < workers.size(); ++number)
    level.add(workers[number]->overload_level.value(), {{"worker", std::to_string(number)}});
  out.push_back(level.take());
  out.push_back(late.take());
  out.push_back(last.take());
}

void add_control(Families& out, const ControlCounters& control, const Workers& workers) {
  Family reloads{"lbd_config_reloads_total", "Reloads, by result.", Type::Counter};
  reloads.add(control.reloads_applied.value(), {{"result", "applied"}});
  reloads.add(control.reloads_refused.value(), {{"result", "refused"}});
  out.push_back(reloads.take());
  out.push_back(plain("lbd_config_last_reload_successful",
                      "Whether the last configuration that was read is the one in use.",
                      Type::Gauge, control.last_reload_ok.value()));
  out.push_back(plain("lbd_config_last_reload_success_timestamp_seconds",
                      "When the configuration in use was taken into use.", Type::Gauge,
                      control.last_reload_time.value()));
  Family renewals{"lbd_tls_certificate_reads_total",
                  "Times files of a listener's or an upstream's certificates were read again, by "
                  "result.",
                  Type::Counter};
  for (const bool client : {true, false}) {
    const auto& reads = client ? control.listener_reads : control.upstream_reads;
    const char* const side = client ? "client" : "upstream";
    renewals.add(reads.applied.value(), {{"side", side}, {"result", "applied"}});
    renewals.add(reads.refused.value(), {{"side", side}, {"result", "refused"}});
  }
  out.push_back(renewals.take());
  Family lost{"lbd_access_log_lost_total", "Lines of the access log that were not written.",
              Type::Counter};
  lost.add(sum(workers, &WorkerCounters::access_log_dropped), {{"reason", "queue_full"}});
  lost.add(control.access_log_lost.value(), {{"reason", "not_written"}});
  out.push_back(lost.take());
  Family spans{"lbd_trace_spans_total", "Spans of sampled requests, by what became of them.",
               Type::Counter};
  spans.add(control.spans_sent.value(), {{"result", "sent"}});
  spans.add(control.spans_lost.value(), {{"result", "lost"}});
  spans.add(sum(workers, &WorkerCounters::spans_dropped), {{"result", "dropped"}});
  out.push_back(spans.take());
}

}  // namespace

std::vector<MetricFamily> Collector::Collect() const {
  const auto& workers = sources_.workers;
  const auto series = sources_.series();
  Families out;
  add_requests(out, *series, workers.size(), sources_.methods);
  out.push_back(each(workers, "lbd_refused_total", "Requests lbd answered itself, by reason.",
                     "reason", sources_.refusals, &WorkerCounters::refusals));
  out.push_back(each(workers, "lbd_retries_total", "Requests sent once more, by reason.", "reason",
                     kRetries, &WorkerCounters::retries));
  out.push_back(each(workers, "lbd_timeouts_total", "Limits of time that struck.", "kind",
                     kTimeouts, &WorkerCounters::timeouts));
  add_connections(out, workers);
  add_endpoints(out, sources_.endpoints());
  if (sources_.lookups) add_lookups(out, sources_.lookups());
  add_upstreams(out, sources_.upstreams());
  add_tls(out, workers,
          sources_.certificates ? sources_.certificates() : std::vector<CertificateSample>{});
  add_http2(out, workers);
  add_queues(out, *series);
  if (sources_.limits) add_limits(out, sources_.limits());
  add_loops(out, workers);
  add_control(out, *sources_.control, workers);
  out.push_back(plain("lbd_draining", "1 while lbd finishes what it has and takes nothing new.",
                      Type::Gauge, sources_.is_draining() ? 1 : 0));
  Family build{"lbd_build_info", "Always 1; the version is the label.", Type::Gauge};
  build.add(std::uint64_t{1}, {{"version", common::kVersion}});
  out.push_back(build.take());
  return out;
}

}  // namespace lb::telemetry
