#include "common/log.hpp"
#include "lb/upstream/roster_group.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace lb::upstream {

using common::TimePoint;

namespace {

constexpr common::Log kLog{"lb.upstream"};

/// How often circuits are told what was served.
constexpr auto kCircuitInterval = std::chrono::milliseconds{250};

Tally since(const Tally& now, const Tally& then) {
  return {now.good - then.good, now.bad - then.bad};
}

bool compares_rates(const UpstreamOptions& options) { return options.passive.least_endpoints > 0; }

}  // namespace

Tally Roster::Entry::tally() const {
  using telemetry::Outcome;
  Tally all;
  for (const auto& counters : shared->by_worker) {
    const auto of = [&counters](Outcome outcome) {
      return counters.outcomes[static_cast<std::size_t>(outcome)].value();
    };
    all.good += of(Outcome::Answered);
    all.bad += of(Outcome::ServerError) + of(Outcome::NotConnected) + of(Outcome::ConnectTimeout) +
               of(Outcome::ConnectionDied) + of(Outcome::Timeout) + of(Outcome::BadAnswer);
  }
  return all;
}

void Roster::Entry::forget(const UpstreamOptions& options, TimePoint now) {
  health = health::EndpointHealth{options.check.hysteresis};
  circuit = health::Circuit{options.circuit};
  last_check.reset();
  passed_in_row = failed_in_row = 0;
  usable_since = since = now;
  was_usable = true;
}

bool Roster::Group::usable(const Entry& entry) const {
  return entry.health.usable() && entry.circuit.usable() && !outliers.is_ejected(entry.name);
}

bool Roster::Group::is_draining(const Entry& entry) const {
  const auto found = orders.find(entry.name);
  return found != orders.end() && found->second.draining;
}

std::string Roster::Group::reason(const Entry& entry) const {
  std::string text;
  const auto add = [&text](std::string_view who, std::string_view why) {
    if (!text.empty()) text += "; ";
    text.append(who).append(": ").append(why);
  };
  if (!entry.health.usable()) add("check", entry.failure);
  const auto* record = outliers.find(entry.name);
  if (record != nullptr && record->reason != health::Ejection::None)
    add("passive", health::to_string(record->reason));
  if (!entry.circuit.usable()) add("circuit", "open, too many requests failed");
  return text;
}

void Roster::Group::tell_outliers() {
  std::vector<std::string_view> fit;
  for (const auto& entry : entries)
    if (entry->health.usable() && !is_draining(*entry)) fit.push_back(entry->name);
  outliers.retain(fit);
}

void Roster::settle(Group& group, TimePoint now) {
  group.tell_outliers();
  for (const auto& entry : group.entries) {
    const bool usable = group.usable(*entry);
    if (usable == entry->was_usable) continue;
    entry->was_usable = usable;
    entry->since = now;
    if (usable) {
      entry->usable_since = now;
      kLog.info("endpoint is up", {{"upstream", group.options.name}, {"endpoint", entry->name}});
    } else {
      kLog.warn("endpoint is down", {{"upstream", group.options.name},
                                     {"endpoint", entry->name},
                                     {"reason", group.reason(*entry)}});
    }
  }
  publish(group);
}

void Roster::on_passive(std::string_view upstream, std::string_view endpoint,
                        health::PassiveEvent /*event: there is but one*/, TimePoint now) {
  auto* group = find(upstream);
  if (group != nullptr && group->options.passive.consecutive_failures > 0 &&
      group->outliers.on_consecutive_failures(endpoint, now))
    settle(*group, now);
}

void Roster::advance(TimePoint now) {
  for (const auto& group : groups_) {
    bool changed = group->outliers.on_time(now);
    for (const auto& entry : group->entries) changed = entry->circuit.on_time(now) || changed;
    if (group->options.circuit.enabled && now >= group->next_circuit) {
      group->next_circuit = now + kCircuitInterval;
      for (const auto& entry : group->entries) {
        const auto total = entry->tally();
        const auto served = since(total, std::exchange(entry->at_circuit, total));
        changed = entry->circuit.on_served(served.good, served.bad, now) || changed;
      }
    }
    if (compares_rates(group->options) && now >= group->next_interval) {
      group->next_interval = now + group->options.passive.interval;
      std::vector<health::Served> all;
      for (const auto& entry : group->entries) {
        const auto total = entry->tally();
        const auto served = since(total, std::exchange(entry->at_interval, total));
        all.push_back({entry->name, served.good, served.bad});
      }
      changed = group->outliers.on_interval(all, now) || changed;
    }
    if (changed) settle(*group, now);
  }
}

TimePoint Roster::next_deadline() const {
  auto next = TimePoint::max();
  for (const auto& group : groups_) {
    next = std::min(next, group->outliers.next_deadline());
    for (const auto& entry : group->entries) next = std::min(next, entry->circuit.next_deadline());
    if (group->options.circuit.enabled) next = std::min(next, group->next_circuit);
    if (compares_rates(group->options)) next = std::min(next, group->next_interval);
  }
  return next;
}

}  // namespace lb::upstream
