#include "lb/admin/json.hpp"

#include "common/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <cmath>
#include <ctime>
#include <fmt/format.h>
#include <utility>

namespace lb::admin {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::array<std::pair<std::string_view, common::LogLevel>, 4> kLevels{
    {{"debug", common::LogLevel::Debug},
     {"info", common::LogLevel::Info},
     {"warn", common::LogLevel::Warn},
     {"error", common::LogLevel::Error}}};

value time_json(common::WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(at - seconds).count();
  const std::time_t time = seconds.time_since_epoch().count();
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  return value(fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                           utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms));
}

value time_json(const std::optional<common::WallTime>& at) { return at ? time_json(*at) : value{}; }

value text_or_null(const std::string& text) { return text.empty() ? value{} : value(text); }

/// Three decimals are plenty for a rate, and a third of the octets.
double rounded(double number) { return std::round(number * 1000) / 1000; }

value ms_json(const std::optional<double>& seconds) {
  return seconds ? value(rounded(*seconds * 1000)) : value{};
}

array strings(const std::vector<std::string>& items) {
  array out;
  for (const auto& item : items) out.emplace_back(item);
  return out;
}

template <class Number>
object by_class_json(const std::array<Number, 5>& counts) {
  return {{"1xx", counts[0]},
          {"2xx", counts[1]},
          {"3xx", counts[2]},
          {"4xx", counts[3]},
          {"5xx", counts[4]}};
}

value reload_json(const std::optional<ReloadStatus>& reload) {
  if (!reload) return nullptr;
  return object{{"at", time_json(reload->at)},
                {"successful", reload->successful},
                {"faults", list_json(reload->faults)},
                {"changes", strings(reload->changes)}};
}

value reason_json(const EndpointReason& reason) {
  return object{{"last_check", text_or_null(reason.last_check)},
                {"detail", text_or_null(reason.detail)},
                {"checked_at", time_json(reason.checked_at)},
                {"check_took_ms", reason.check_took.count()},
                {"passed_in_row", reason.passed_in_row},
                {"failed_in_row", reason.failed_in_row},
                {"last_error", text_or_null(reason.last_error)},
                {"failed_at", time_json(reason.failed_at)},
                {"ejected_until", time_json(reason.ejected_until)}};
}

}  // namespace

std::string_view to_string(common::LogLevel level) {
  return kLevels.at(static_cast<std::size_t>(level)).first;
}

std::optional<common::LogLevel> parse_log_level(std::string_view text) {
  for (const auto& [name, level] : kLevels)
    if (name == text) return level;
  return std::nullopt;
}

value to_json(const ProcessStatus& process, common::WallTime now) {
  const std::chrono::duration<double> uptime = now - process.started;
  return object{
      {"version", process.version},
      {"pid", process.pid},
      {"started", time_json(process.started)},
      {"uptime_seconds", std::floor(uptime.count())},
      {"workers", process.workers},
      {"ready", process.ready},
      {"not_ready", strings(process.not_ready)},
      {"draining", process.draining},
      {"config_file", text_or_null(process.config_file)},
      {"generation", process.generation},
      {"last_reload", reload_json(process.last_reload)},
      {"log_level", to_string(process.log_level)},
      {"loop_lag_seconds", process.loop_lag_seconds ? value(*process.loop_lag_seconds) : value{}},
      {"memory_bytes", process.memory_bytes}};
}

value to_json(const Totals& totals) {
  array bounds;
  for (const double bound : totals.durations.bounds) bounds.emplace_back(bound);
  array buckets;
  for (const auto count : totals.durations.buckets) buckets.emplace_back(count);
  return object{{"answers", by_class_json(totals.by_class)},
                {"duration_bounds_seconds", std::move(bounds)},
                {"duration_counts", std::move(buckets)},
                {"bytes_received", totals.bytes_received},
                {"bytes_sent", totals.bytes_sent},
                {"retries", totals.retries},
                {"refused", totals.refused},
                {"client_connections", totals.client_connections},
                {"client_connections_now", totals.client_connections_now},
                {"upstream_connections", totals.upstream_connections},
                {"requests_now", totals.requests_now},
                {"upstream_connections_now", totals.upstream_connections_now}};
}

value to_json(const Sample& sample) {
  auto classes = sample.by_class;
  for (double& rate : classes) rate = rounded(rate);
  return object{{"at", time_json(sample.at)},
                {"requests_per_second", rounded(sample.requests)},
                {"answers_per_second", by_class_json(classes)},
                {"bytes_received_per_second", rounded(sample.bytes_received)},
                {"bytes_sent_per_second", rounded(sample.bytes_sent)},
                {"retries_per_second", rounded(sample.retries)},
                {"refused_per_second", rounded(sample.refused)},
                {"p50_ms", ms_json(sample.p50)},
                {"p95_ms", ms_json(sample.p95)},
                {"p99_ms", ms_json(sample.p99)},
                {"requests_now", sample.requests_now},
                {"client_connections_now", sample.connections_now},
                {"upstream_connections_now", sample.upstream_connections_now}};
}

value to_json(const CertificateStatus& certificate) {
  const auto left = certificate.not_after - common::wall_now();
  const bool of_listener = certificate.upstream.empty();
  return object{{of_listener ? "listener" : "upstream",
                 of_listener ? certificate.listener : certificate.upstream},
                {"file", certificate.file},
                {"subject", certificate.subject},
                {"issuer", certificate.issuer},
                {"names", strings(certificate.names)},
                {"key", certificate.key},
                {"fingerprint", certificate.fingerprint},
                {"not_before", time_json(certificate.not_before)},
                {"not_after", time_json(certificate.not_after)},
                {"days_left", std::chrono::floor<std::chrono::hours>(left).count() / 24},
                {"stapled", certificate.stapled}};
}

value to_json(const ListenerStatus& listener) {
  return object{{"name", text_or_null(listener.name)},
                {"address", listener.address},
                {"accepting", listener.accepting},
                {"requests", listener.requests}};
}

value to_json(const RouteStatus& route) {
  return object{{"name", text_or_null(route.name)},
                {"match", route.match},
                {"upstreams", strings(route.upstreams)},
                {"requests", route.requests}};
}

value to_json(const EndpointStatus& endpoint) {
  return object{
      {"name", endpoint.name},
      {"address", endpoint.address},
      {"source", to_string(endpoint.source)},
      {"state", to_string(endpoint.state)},
      {"since", time_json(endpoint.since)},
      {"reason", reason_json(endpoint.reason)},
      {"weight", endpoint.weight},
      {"tier", endpoint.tier},
      {"backup", endpoint.backup},
      {"in_flight", endpoint.in_flight},
      {"max_connections", endpoint.most_connections},
      {"answered", endpoint.answered},
      {"failed", endpoint.failed},
      {"ejections", endpoint.ejections},
      {"latency_ms",
       endpoint.latency ? value(static_cast<double>(endpoint.latency->count()) / 1000) : value{}}};
}

value to_json(const UpstreamStatus& upstream) {
  return object{{"name", upstream.name},
                {"policy", upstream.policy},
                {"required", upstream.required},
                {"panic", upstream.panic},
                {"usable", upstream.usable},
                {"queued", upstream.queued},
                {"queue_length", upstream.queue_length},
                {"queue_timeouts", upstream.queue_timeouts},
                {"queue_refusals", upstream.queue_refusals},
                {"failed_sources", strings(upstream.sources)},
                {"endpoints", list_json(upstream.endpoints)}};
}

value to_json(const RecentError& error) {
  // Strangers choose these octets.
  const auto text = [](const std::string& from) {
    return from.empty() ? value{} : value(common::valid_utf8(from));
  };
  return object{{"at", time_json(error.at)},
                {"status", error.status},
                {"error", text_or_null(error.error)},
                {"method", text(error.method)},
                {"host", text(error.host)},
                {"path", text(error.path)},
                {"upstream", text_or_null(error.upstream)},
                {"endpoint", text_or_null(error.endpoint)},
                {"client", text(error.client)},
                {"request_id", text(error.request_id)},
                {"duration_ms", static_cast<double>(error.duration.count()) / 1000}};
}

value to_json(const SessionStatus& session) {
  const auto text = [](const std::string& from) {
    return from.empty() ? value{} : value(common::valid_utf8(from));
  };
  return object{{"client", session.client},
                {"listener", text_or_null(session.listener)},
                {"worker", session.worker},
                {"state", session.state},
                {"lasts_ms", session.lasts.count()},
                {"requests", session.requests},
                {"method", text(session.method)},
                {"host", text(session.host)},
                {"path", text(session.path)},
                {"route", text_or_null(session.route)},
                {"upstream", text_or_null(session.upstream)},
                {"endpoint", text_or_null(session.endpoint)},
                {"attempts", session.attempts},
                {"bytes_sent", session.bytes_sent}};
}

value to_json(const Sessions& sessions) {
  object by_state;
  for (const auto& [state, count] : sessions.by_state) by_state[state] = count;
  return object{{"total", sessions.total},
                {"by_state", std::move(by_state)},
                {"complete", sessions.complete},
                {"longest", list_json(sessions.longest)}};
}

value to_json(const ConfigFault& fault) {
  return object{{"where", fault.where}, {"wrong", fault.wrong}, {"right", fault.right}};
}

value to_json(const Status& status, const Sample& latest, common::WallTime now) {
  return object{{"at", time_json(now)},
                {"process", to_json(status.process, now)},
                {"rates", to_json(latest)},
                {"totals", to_json(status.totals)},
                {"listeners", list_json(status.listeners)},
                {"routes", list_json(status.routes)},
                {"upstreams", list_json(status.upstreams)},
                {"errors", list_json(status.errors)}};
}

}  // namespace lb::admin
