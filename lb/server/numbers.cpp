#include "lb/filters/limit_zone.hpp"
#include "lb/proxy/refusal.hpp"
#include "lb/server/server_impl.hpp"

#include <ctime>

namespace lb::server {

void Server::Impl::make_collector() {
  control_counters->last_reload_ok.set(1);
  control_counters->last_reload_time.set(static_cast<std::uint64_t>(std::time(nullptr)));
  telemetry::Sources sources;
  sources.workers = counters;
  sources.control = control_counters;
  sources.refusals = proxy::refusal_codes();
  sources.methods.assign(http::kMethodLabels.begin(), http::kMethodLabels.end());
  sources.series = [this] { return registry->current(); };
  sources.endpoints = [this] { return sample_endpoints(); };
  sources.lookups = [this] { return sample_lookups(); };
  sources.upstreams = [this] { return sample_upstreams(); };
  sources.certificates = [this] {
    std::vector<telemetry::CertificateSample> samples;
    for (auto& one : operator_control.certificates())
      samples.push_back({.owner = one.upstream.empty() ? one.listener : one.upstream,
                         .of_upstream = !one.upstream.empty(),
                         .subject = std::move(one.subject),
                         .key = std::move(one.key),
                         .ends = static_cast<std::uint64_t>(
                             std::chrono::system_clock::to_time_t(one.not_after))});
    return samples;
  };
  sources.limits = [] {
    std::vector<telemetry::LimitSample> samples;
    for (const auto& zone : filters::LimitZone::all())
      samples.push_back({zone.name, zone.kind == filters::LimitZone::Kind::Rate, zone.refused});
    return samples;
  };
  sources.is_draining = [this] { return draining; };
  collector = std::make_shared<telemetry::Collector>(std::move(sources));
  metrics.add(collector);
}

/// What the metrics of this configuration are called.
telemetry::SeriesRegistry::Names Server::Impl::names() const {
  telemetry::SeriesRegistry::Names names;
  for (const auto& listener : snapshot->listeners) names.listeners.push_back(listener.name);
  for (const auto& route : snapshot->routes) names.routes.push_back(route.name);
  for (const auto& upstream : snapshot->upstreams) names.upstreams.push_back(upstream.name);
  return names;
}

std::vector<telemetry::UpstreamSample> Server::Impl::sample_upstreams() const {
  std::vector<telemetry::UpstreamSample> samples;
  const auto& roster = fleet->roster();
  for (const auto& upstream : roster.upstreams())
    samples.push_back(
        {.upstream = upstream,
         .panicking = upstream::is_panicking(*roster.view(upstream),
                                             roster.options(upstream)->balance.panic_percent)});
  return samples;
}

std::vector<telemetry::EndpointSample> Server::Impl::sample_endpoints() const {
  std::vector<telemetry::EndpointSample> samples;
  for (const auto& upstream : fleet->roster().upstreams())
    for (const auto& endpoint : *fleet->roster().view(upstream))
      samples.push_back({.upstream = upstream,
                         .endpoint = endpoint.name,
                         .usable = endpoint.usable,
                         .draining = endpoint.draining,
                         .in_flight = endpoint.shared->in_flight.load(),
                         .by_worker = {endpoint.shared, &endpoint.shared->by_worker}});
  return samples;
}

std::vector<telemetry::LookupSample> Server::Impl::sample_lookups() const {
  std::vector<telemetry::LookupSample> samples;
  for (const auto& upstream : fleet->roster().status())
    for (const auto& source : upstream.sources)
      samples.push_back({.upstream = upstream.name,
                         .source = source.name,
                         .failing = !source.error.empty(),
                         .failures = source.failures,
                         .endpoints = source.endpoints});
  return samples;
}

}  // namespace lb::server
