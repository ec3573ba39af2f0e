#include "common/contract.hpp"
#include "lb/upstream/roster_group.hpp"

#include <algorithm>

namespace lb::upstream {
namespace {

struct Describe {
  Origin operator()(const FixedEndpoint& /*source*/) const { return Origin::Configuration; }
  Origin operator()(const discovery::DnsName& /*source*/) const { return Origin::Dns; }
  Origin operator()(const discovery::SrvName& /*source*/) const { return Origin::Dns; }
  Origin operator()(const discovery::EndpointFile& /*source*/) const { return Origin::File; }
};

struct Name {
  std::string operator()(const FixedEndpoint& source) const {
    return source.name.empty() ? source.address.to_string() : source.name;
  }
  std::string operator()(const discovery::DnsName& source) const {
    return "dns " + source.host + ':' + std::to_string(source.port);
  }
  std::string operator()(const discovery::SrvName& source) const { return "srv " + source.name; }
  std::string operator()(const discovery::EndpointFile& source) const {
    return "file " + source.path;
  }
};

}  // namespace

std::string Roster::Source::name() const { return std::visit(Name{}, options.from); }

Origin Roster::Source::origin() const { return std::visit(Describe{}, options.from); }

std::vector<std::string> Roster::upstreams() const {
  std::vector<std::string> names;
  for (const auto& group : groups_) names.push_back(group->options.name);
  return names;
}

std::shared_ptr<const RosterView> Roster::view(std::string_view upstream) const {
  const auto* group = find(upstream);
  return group == nullptr ? nullptr : group->view;
}

bool Roster::has_usable(std::string_view upstream) const {
  const auto* group = find(upstream);
  return group != nullptr && std::any_of(group->view->begin(), group->view->end(),
                                         [](const auto& endpoint) { return endpoint.usable; });
}

const UpstreamOptions* Roster::options(std::string_view upstream) const {
  const auto* group = find(upstream);
  return group == nullptr ? nullptr : &group->options;
}

std::vector<std::pair<std::string, std::string>> UpstreamStatus::why_out() const {
  std::vector<std::pair<std::string, std::string>> reasons;
  for (const auto& endpoint : endpoints)
    if (!endpoint.reason.empty()) reasons.emplace_back(endpoint.state.name, endpoint.reason);
  for (const auto& source : sources)
    if (!source.error.empty()) reasons.emplace_back(source.name, source.error);
  return reasons;
}

std::vector<UpstreamStatus> Roster::status() const {
  std::vector<UpstreamStatus> all;
  for (const auto& group : groups_) {
    UpstreamStatus upstream{group->options.name, group->options.required, {}, {}};
    common::expects(group->view->size() == group->entries.size(), "the view is up to date");
    for (std::size_t i = 0; i < group->entries.size(); ++i) {
      const auto& entry = *group->entries[i];
      const auto* known = group->outliers.find(entry.name);
      const auto record = known == nullptr ? health::Outliers::Record{} : *known;
      upstream.endpoints.push_back({.state = (*group->view)[i],
                                    .origin = entry.origin,
                                    .configured_weight = entry.weight,
                                    .checked = group->options.check.enabled,
                                    .check = entry.health.state(),
                                    .last_check = entry.last_check,
                                    .checked_at = entry.checked_at,
                                    .passed_in_row = entry.passed_in_row,
                                    .failed_in_row = entry.failed_in_row,
                                    .ejection = record.reason,
                                    .ejected_until = record.until,
                                    .ejections = record.times,
                                    .circuit = entry.circuit.state(),
                                    .circuit_until = entry.circuit.until(),
                                    .since = entry.since,
                                    .reason = group->reason(entry)});
    }
    for (const auto& source : group->sources) {
      if (source.is_fixed() && source.left_out == 0) continue;
      SourceStatus status{source.name(),       source.error,    source.answered,
                          source.found.size(), source.failures, source.since};
      if (source.left_out > 0 && status.error.empty())
        status.error = std::to_string(source.left_out) +
                       " endpoints are left out: an upstream has at most " +
                       std::to_string(kMostEndpoints);
      upstream.sources.push_back(std::move(status));
    }
    all.push_back(std::move(upstream));
  }
  return all;
}

}  // namespace lb::upstream
