#include "lb/server/control.hpp"
#include "lb/server/server_impl.hpp"

#include <algorithm>
#include <set>

namespace lb::server {
namespace {

/// Weight of the last second in an endpoint's mean latency.
constexpr double kLatest = 0.3;

std::optional<common::WallTime> wall_time(common::TimePoint at) {
  if (at == common::TimePoint::min() || at == common::TimePoint{}) return std::nullopt;
  return common::wall_now() +
         std::chrono::duration_cast<std::chrono::microseconds>(at - common::Clock::now());
}

admin::EndpointState state_of(const upstream::EndpointStatus& endpoint) {
  using admin::EndpointState;
  if (endpoint.state.draining) return EndpointState::Draining;
  if (endpoint.check == health::State::Down) return EndpointState::Down;
  if (endpoint.ejection != health::Ejection::None) return EndpointState::Ejected;
  if (endpoint.circuit != health::Circuit::State::Closed) return EndpointState::Open;
  if (endpoint.checked && endpoint.check == health::State::Unchecked)
    return EndpointState::Unchecked;
  return EndpointState::Up;
}

admin::EndpointSource source_of(upstream::Origin origin) {
  switch (origin) {
    case upstream::Origin::Configuration:
      return admin::EndpointSource::Configuration;
    case upstream::Origin::Dns:
      return admin::EndpointSource::Dns;
    case upstream::Origin::File:
      return admin::EndpointSource::File;
    case upstream::Origin::Operator:
      break;
  }
  return admin::EndpointSource::Operator;
}

/// What programs are told; health::to_string is for people.
std::string_view label_of(health::ProbeResult result) {
  switch (result) {
    case health::ProbeResult::Passed:
      return "passed";
    case health::ProbeResult::Refused:
      return "refused";
    case health::ProbeResult::TimedOut:
      return "timed_out";
    case health::ProbeResult::Broken:
      return "broken";
    case health::ProbeResult::WrongStatus:
      return "wrong_status";
    case health::ProbeResult::WrongContent:
      return "wrong_content";
  }
  return "unknown";
}

admin::EndpointReason reason_of(const upstream::EndpointStatus& endpoint) {
  admin::EndpointReason out;
  if (endpoint.last_check) {
    out.last_check = label_of(endpoint.last_check->result);
    out.detail = endpoint.last_check->detail;
    out.checked_at = wall_time(endpoint.checked_at);
    out.check_took = std::chrono::duration_cast<admin::milliseconds>(endpoint.last_check->took);
  }
  out.passed_in_row = endpoint.passed_in_row;
  out.failed_in_row = endpoint.failed_in_row;
  const bool ejected = endpoint.ejection != health::Ejection::None;
  const bool open = endpoint.circuit != health::Circuit::State::Closed;
  if (!ejected && !open) return out;
  out.last_error = endpoint.reason;
  out.failed_at = wall_time(endpoint.since);
  out.ejected_until = wall_time(ejected ? endpoint.ejected_until : endpoint.circuit_until);
  return out;
}

/// `www.example.kr /api`, as a person would say it.
std::string describe(const routing::Route& route) {
  return (route.host.empty() ? "" : route.host + ' ') + route.path.text;
}

std::vector<std::size_t> upstreams_of(const routing::Route& route) {
  std::vector<std::size_t> all;
  for (const auto& share : route.shares) all.push_back(share.upstream);
  if (all.empty() && route.upstream != routing::Route::kNoUpstream) all.push_back(route.upstream);
  return all;
}

std::uint64_t outcomes(const upstream::EndpointShared& endpoint, bool good) {
  using telemetry::Outcome;
  std::uint64_t count = 0;
  for (const auto& worker : endpoint.by_worker)
    for (std::size_t i = 0; i < telemetry::kOutcomeCount; ++i) {
      const auto outcome = static_cast<Outcome>(i);
      if (outcome != Outcome::Abandoned && (outcome == Outcome::Answered) == good)
        count += worker.outcomes[i].value();
    }
  return count;
}

std::uint64_t requests_of(const telemetry::HttpSeries& series, std::size_t workers) {
  std::uint64_t sum = 0;
  for (std::size_t worker = 0; worker < workers; ++worker)
    if (const auto* const counters = series.look(worker))
      counters->for_each([&sum](std::size_t, unsigned, std::uint64_t count) { sum += count; });
  return sum;
}

/// Requests of all series for which `is_one` holds; those that several routes share count once.
template <class IsOne>
std::uint64_t requests_where(const telemetry::Series& all, std::size_t workers, IsOne is_one) {
  std::set<const telemetry::HttpSeries*> seen;
  std::uint64_t sum = 0;
  for (const auto& series : all.all_http())
    if (is_one(*series) && seen.insert(series.get()).second) sum += requests_of(*series, workers);
  return sum;
}

}  // namespace

/// Asked about every second, with the totals.
void ServerControl::follow_latencies() const {
  std::map<std::pair<std::string, std::string>, Latency> next;
  for (const auto& upstream : impl_.fleet->roster().upstreams())
    for (const auto& endpoint : *impl_.fleet->roster().view(upstream)) {
      Latency now;
      for (const auto& worker : endpoint.shared->by_worker) {
        now.sum_us += worker.answering.sum_us.value();
        for (const auto& bucket : worker.answering.buckets) now.count += bucket.value();
      }
      const auto before = latencies_[{upstream, endpoint.name}];
      now.mean_us = before.mean_us;
      if (now.count > before.count) {
        const auto latest = static_cast<double>(now.sum_us - before.sum_us) /
                            static_cast<double>(now.count - before.count);
        now.mean_us =
            before.mean_us > 0 ? before.mean_us + kLatest * (latest - before.mean_us) : latest;
      }
      next[{upstream, endpoint.name}] = now;
    }
  latencies_ = std::move(next);
}

std::vector<admin::ListenerStatus> ServerControl::listeners() const {
  std::vector<admin::ListenerStatus> out;
  if (!impl_.listeners || !impl_.registry) return out;
  for (const auto& listener : impl_.listeners->all())
    out.push_back({.name = listener.options->name,
                   .address = listener.address.to_string(),
                   .accepting = !impl_.draining,
                   .requests = requests_where(*impl_.registry->current(), impl_.counters.size(),
                                              [&listener](const auto& series) {
                                                return series.listener() == listener.options->name;
                                              })});
  return out;
}

std::vector<admin::RouteStatus> ServerControl::routes() const {
  std::vector<admin::RouteStatus> out;
  for (const auto& route : impl_.snapshot->routes) {
    admin::RouteStatus status;
    status.name = route.name;
    status.match = describe(route);
    for (const auto upstream : upstreams_of(route))
      status.upstreams.push_back(impl_.snapshot->upstreams[upstream].name);
    if (impl_.registry)
      status.requests =
          requests_where(*impl_.registry->current(), impl_.counters.size(),
                         [&route](const auto& series) { return series.route() == route.name; });
    out.push_back(std::move(status));
  }
  return out;
}

std::vector<admin::UpstreamStatus> ServerControl::upstreams() const {
  std::vector<admin::UpstreamStatus> out;
  if (!impl_.fleet) return out;
  for (const auto& upstream : impl_.fleet->roster().status()) {
    admin::UpstreamStatus status;
    status.name = upstream.name;
    status.required = upstream.required;
    const auto* const options = impl_.fleet->roster().options(upstream.name);
    if (options != nullptr) {
      status.policy = balancing::to_string(options->balance.policy);
      status.queue_length = options->queue.length;
    }
    status.queued = impl_.fleet->queue(upstream.name)->waiting();
    for (const auto& series : impl_.registry->current()->all_upstreams())
      if (series->name == upstream.name)
        for (const auto& worker : series->by_worker) {
          status.queue_refusals += worker.queue_full.value();
          status.queue_timeouts += worker.queue_timeouts.value();
        }
    for (const auto& source : upstream.sources)
      if (!source.error.empty()) status.sources.push_back(source.name + ": " + source.error);
    for (const auto& endpoint : upstream.endpoints) {
      const auto& state = endpoint.state;
      admin::EndpointStatus one;
      one.name = state.name;
      one.address =
          state.address.address().is_v6()
              ? '[' + state.address.address().to_string() +
                    "]:" + std::to_string(state.address.port())
              : state.address.address().to_string() + ':' + std::to_string(state.address.port());
      one.source = source_of(endpoint.origin);
      one.state = state_of(endpoint);
      one.since = wall_time(endpoint.since);
      one.reason = reason_of(endpoint);
      one.weight = state.weight;
      one.backup = state.tier == upstream::kBackupTier;
      one.tier = one.backup ? 0 : state.tier;
      one.in_flight = state.shared->in_flight.load(std::memory_order_relaxed);
      one.most_connections = state.most_connections;
      one.answered = outcomes(*state.shared, true);
      one.failed = outcomes(*state.shared, false);
      one.ejections = endpoint.ejections;
      const auto latency = latencies_.find({upstream.name, state.name});
      if (latency != latencies_.end() && latency->second.mean_us > 0)
        one.latency = std::chrono::microseconds{static_cast<std::int64_t>(latency->second.mean_us)};
      if (state.usable && !state.draining) ++status.usable;
      status.endpoints.push_back(std::move(one));
    }
    status.panic =
        options != nullptr && upstream::is_panicking(*impl_.fleet->roster().view(upstream.name),
                                                     options->balance.panic_percent);
    out.push_back(std::move(status));
  }
  return out;
}

std::vector<admin::RecentError> ServerControl::errors() const {
  std::vector<admin::RecentError> out;
  for (auto& error : impl_.recent_errors->list()) {
    admin::RecentError one;
    one.at = error.at;
    one.status = error.status;
    one.error = std::move(error.error);
    one.method = std::move(error.method);
    one.host = std::move(error.host);
    one.path = std::move(error.path);
    one.upstream = std::move(error.upstream);
    one.endpoint = std::move(error.endpoint);
    one.client = std::move(error.client);
    one.request_id = std::move(error.request_id);
    one.duration = std::chrono::duration_cast<std::chrono::microseconds>(error.duration);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace lb::server
