#include "lb/upstream/roster.hpp"

#include "common/contract.hpp"
#include "common/log.hpp"
#include "lb/net/stream.hpp"
#include "lb/upstream/roster_group.hpp"

#include <algorithm>
#include <utility>

namespace lb::upstream {
namespace {

constexpr common::Log kLog{"lb.upstream"};

bool same(const EndpointState& a, const EndpointState& b) {
  return a.name == b.name && a.address == b.address && a.weight == b.weight && a.tier == b.tier &&
         a.most_connections == b.most_connections && a.usable == b.usable &&
         a.draining == b.draining && a.usable_since == b.usable_since && a.shared == b.shared;
}

/// A fixed endpoint names itself.
std::vector<discovery::Found> named_by(const EndpointSource& source) {
  const auto* fixed = std::get_if<FixedEndpoint>(&source.from);
  if (fixed == nullptr) return {};
  return {{fixed->address, fixed->name, {}, {}, {}}};
}

}  // namespace

Roster::Entry* Roster::Group::find(std::string_view endpoint) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry->name == endpoint; });
  return found == entries.end() ? nullptr : found->get();
}

Roster::Roster(std::size_t workers, Publish publish)
    : workers_{workers}, publish_{std::move(publish)} {}

Roster::~Roster() = default;

Roster::Group* Roster::find(std::string_view upstream) const {
  const auto found = std::find_if(groups_.begin(), groups_.end(), [&](const auto& group) {
    return group->options.name == upstream;
  });
  return found == groups_.end() ? nullptr : found->get();
}

void Roster::configure(const std::vector<UpstreamOptions>& upstreams, common::TimePoint now) {
  auto old = std::move(groups_);
  groups_.clear();
  for (const auto& options : upstreams) {
    const auto kept = std::find_if(old.begin(), old.end(), [&](const auto& group) {
      return group && group->options.name == options.name;
    });
    auto group = kept == old.end() ? std::make_unique<Group>(options) : std::move(*kept);
    group->options = options;
    group->outliers.configure(options.passive);
    auto before = std::exchange(group->sources, {});
    for (const auto& source : options.endpoints) {
      Source made{.options = source, .found = named_by(source), .settled = kept != old.end()};
      // The same name leads to the same endpoints, until it is looked up again.
      const auto same_name = std::find_if(before.begin(), before.end(), [&](const Source& other) {
        return other.options.from == source.from;
      });
      if (same_name != before.end()) {
        made = std::move(*same_name);
        made.options = source;
      }
      if (made.is_fixed()) made.answered = true;
      group->sources.push_back(std::move(made));
    }
    for (const auto& entry : group->entries) {
      entry->health.set_options(options.check.hysteresis);
      entry->circuit.configure(options.circuit);
      if (!options.check.enabled) entry->health = health::EndpointHealth{options.check.hysteresis};
    }
    groups_.push_back(std::move(group));
    assemble(*groups_.back(), now);
  }
}

void Roster::assemble(Group& group, common::TimePoint now) {
  auto before = std::exchange(group.entries, {});
  const auto take = [&](Source& source, Origin origin, bool from_start) {
    source.left_out = 0;
    for (const auto& found : source.found) {
      auto name = found.name.empty() ? found.address.to_string() : found.name;
      const auto orders = group.orders.find(name);
      if (group.find(name) != nullptr) continue;  // named twice: the first counts
      if (orders != group.orders.end() && orders->second.removed) continue;
      if (group.entries.size() == kMostEndpoints) {
        ++source.left_out;
        continue;
      }
      const auto old = std::find_if(before.begin(), before.end(), [&](const auto& entry) {
        return entry && entry->name == name;
      });
      auto entry = old == before.end() ? std::make_unique<Entry>(group.options) : std::move(*old);
      if (!entry->shared) {
        entry->shared = std::make_shared<EndpointShared>(workers_);
        if (!from_start) entry->usable_since = entry->since = now;
      } else if (entry->address != found.address) {
        entry->forget(group.options, now);
      }
      entry->name = std::move(name);
      entry->address = found.address;
      entry->origin = origin;
      entry->weight = found.weight.value_or(source.options.weight);
      entry->tier = source.options.tier + found.tier.value_or(0);
      entry->most_connections = found.most_connections.value_or(source.options.most_connections);
      group.entries.push_back(std::move(entry));
    }
  };
  for (auto& source : group.sources)
    take(source, source.origin(),
         !std::exchange(source.settled, source.answered || source.settled));
  for (auto& source : group.added) take(source, Origin::Operator, false);
  settle(group, now);
}

void Roster::publish(Group& group) {
  auto view = std::make_shared<RosterView>();
  view->reserve(group.entries.size());
  for (const auto& entry : group.entries) {
    const auto orders = group.orders.find(entry->name);
    const bool weighed = orders != group.orders.end() && orders->second.weight;
    const auto trials = entry->circuit.trials();
    const auto most = entry->most_connections;
    view->push_back({.name = entry->name,
                     .address = net::to_asio(entry->address),
                     .weight = weighed ? *orders->second.weight : entry->weight,
                     .tier = entry->tier,
                     .most_connections =
                         most > 0 && trials > 0 ? std::min(most, trials) : std::max(most, trials),
                     .usable = entry->was_usable,
                     .draining = group.is_draining(*entry),
                     .usable_since = entry->usable_since,
                     .shared = entry->shared});
  }
  if (group.view &&
      std::equal(view->begin(), view->end(), group.view->begin(), group.view->end(), same))
    return;
  group.view = std::move(view);
  publish_(group.options.name, group.view);
}

void Roster::on_found(std::string_view upstream, std::size_t source,
                      const std::vector<discovery::Found>& found, common::TimePoint now) {
  auto* group = find(upstream);
  if (group == nullptr || source >= group->sources.size()) return;
  auto& changed = group->sources[source];
  if (!changed.answered || !changed.error.empty() || changed.found != found) {
    changed.since = now;
    kLog.info("endpoints were found",
              {{"upstream", upstream}, {"source", changed.name()}, {"endpoints", found.size()}});
  }
  changed.answered = true;
  changed.error.clear();
  changed.found = found;
  assemble(*group, now);
}

void Roster::on_source_failed(std::string_view upstream, std::size_t source, std::string error,
                              common::TimePoint now) {
  auto* group = find(upstream);
  if (group == nullptr || source >= group->sources.size()) return;
  auto& failed = group->sources[source];
  ++failed.failures;
  if (failed.error.empty()) failed.since = now;
  if (failed.error == error) return;
  kLog.warn("endpoints cannot be looked up, those found last stay",
            {{"upstream", upstream},
             {"source", failed.name()},
             {"endpoints", failed.found.size()},
             {"reason", error}});
  failed.error = std::move(error);
}

bool Roster::on_check(std::string_view upstream, std::string_view endpoint, CheckReport report,
                      common::TimePoint now) {
  auto* group = find(upstream);
  auto* entry = group == nullptr ? nullptr : group->find(endpoint);
  if (entry == nullptr) return false;
  const bool passed = report.result == health::ProbeResult::Passed;
  entry->passed_in_row = passed ? entry->passed_in_row + 1 : 0;
  entry->failed_in_row = passed ? 0 : entry->failed_in_row + 1;
  if (!passed) {
    entry->failure = health::to_string(report.result);
    if (!report.detail.empty()) entry->failure.append(": ").append(report.detail);
  }
  const bool changed = entry->health.on_probe(report.result, now);
  entry->last_check = std::move(report);
  entry->checked_at = now;
  if (changed) settle(*group, now);
  return entry->health.wavering();
}

Roster::Answer Roster::order(std::string_view upstream, std::string_view endpoint,
                             const std::function<void(Orders&)>& change, common::TimePoint now) {
  auto* group = find(upstream);
  if (group == nullptr) return Answer::NoUpstream;
  auto orders = group->orders.find(endpoint);
  if (orders == group->orders.end()) {
    if (group->find(endpoint) == nullptr) return Answer::NoEndpoint;
    if (group->orders.size() == kMostOrders) return Answer::Full;
    orders = group->orders.emplace(endpoint, Orders{}).first;
  }
  change(orders->second);
  if (orders->second.empty()) group->orders.erase(orders);
  assemble(*group, now);
  return Answer::Done;
}

Roster::Answer Roster::set_draining(std::string_view upstream, std::string_view endpoint,
                                    bool draining, common::TimePoint now) {
  return order(
      upstream, endpoint, [draining](Orders& orders) { orders.draining = draining; }, now);
}

Roster::Answer Roster::set_weight(std::string_view upstream, std::string_view endpoint,
                                  std::uint32_t weight, common::TimePoint now) {
  return order(
      upstream, endpoint, [weight](Orders& orders) { orders.weight = weight; }, now);
}

Roster::Answer Roster::add(std::string_view upstream, const EndpointSource& endpoint,
                           common::TimePoint now) {
  auto* group = find(upstream);
  if (group == nullptr) return Answer::NoUpstream;
  const auto found = named_by(endpoint);
  common::expects(!found.empty(), "the operator adds fixed endpoints");
  const auto name =
      found.front().name.empty() ? found.front().address.to_string() : found.front().name;
  if (group->find(name) != nullptr) return Answer::Exists;
  if (group->entries.size() == kMostEndpoints) return Answer::Full;
  group->orders.erase(name);
  group->added.push_back({.options = endpoint, .found = found, .answered = true, .since = now});
  assemble(*group, now);
  return Answer::Done;
}

Roster::Answer Roster::remove(std::string_view upstream, std::string_view endpoint,
                              common::TimePoint now) {
  auto* group = find(upstream);
  if (group == nullptr) return Answer::NoUpstream;
  if (group->find(endpoint) == nullptr) return Answer::NoEndpoint;
  const std::string name{endpoint};  // `endpoint` may be the entry's own
  const auto was_added = std::erase_if(group->added, [&](const Source& source) {
    const auto& found = source.found.front();
    return (found.name.empty() ? found.address.to_string() : found.name) == name;
  });
  if (was_added > 0) {
    group->orders.erase(name);
    assemble(*group, now);
    if (group->find(name) == nullptr) return Answer::Done;
  }
  return order(
      upstream, name, [](Orders& orders) { orders = {.removed = true}; }, now);
}

}  // namespace lb::upstream
