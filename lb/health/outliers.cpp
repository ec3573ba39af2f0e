#include "lb/health/outliers.hpp"

#include <algorithm>
#include <cmath>

namespace lb::health {

using common::Duration;
using common::TimePoint;

namespace {

/// Endpoints that serve nearly alike differ by chance: a rate is bad from this far below the mean.
constexpr double kLeastGap = 0.05;

}  // namespace

std::string_view to_string(Ejection reason) {
  switch (reason) {
    case Ejection::None:
      return "not ejected";
    case Ejection::ConsecutiveFailures:
      return "failed requests in a row";
    case Ejection::SuccessRate:
      return "success rate below the others";
  }
  return "";
}

void Outliers::retain(std::span<const std::string_view> endpoints) {
  std::erase_if(records_, [&](const auto& known) {
    return std::ranges::find(endpoints, std::string_view{known.first}) == endpoints.end();
  });
  for (const auto endpoint : endpoints)
    if (!records_.contains(endpoint)) records_.emplace(endpoint, Record{});
  if (records_.empty() || ejected() < records_.size()) return;
  // Nobody else is left. Served badly is better than not at all: whose time is over first is back.
  const auto first =
      std::ranges::min_element(records_, {}, [](const auto& known) { return known.second.until; });
  first->second.reason = Ejection::None;
}

bool Outliers::on_consecutive_failures(std::string_view endpoint, TimePoint now) {
  return eject(endpoint, Ejection::ConsecutiveFailures, now);
}

bool Outliers::on_interval(std::span<const Served> served, TimePoint now) {
  std::vector<double> rates;
  std::vector<std::string_view> names;
  for (const auto& endpoint : served) {
    const auto total = endpoint.good + endpoint.bad;
    const auto known = records_.find(endpoint.endpoint);
    if (known == records_.end() || is_ejected(endpoint.endpoint)) continue;
    auto& record = known->second;
    if (endpoint.bad == 0 && record.times > 0 && now - record.until >= options_.interval)
      --record.times;
    if (total < std::max<std::uint32_t>(options_.least_requests, 1)) continue;
    rates.push_back(static_cast<double>(endpoint.good) / static_cast<double>(total));
    names.push_back(endpoint.endpoint);
  }
  if (options_.least_endpoints == 0 || rates.size() < options_.least_endpoints) return false;
  const auto count = static_cast<double>(rates.size());
  double mean = 0;
  for (const double rate : rates) mean += rate / count;
  double variance = 0;
  for (const double rate : rates) variance += (rate - mean) * (rate - mean) / count;
  const double gap = std::max(kLeastGap, options_.deviations_tenths / 10.0 * std::sqrt(variance));
  bool changed = false;
  // The worst first: not all may be ejected.
  std::vector<std::size_t> order(rates.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&rates](auto a, auto b) { return rates[a] < rates[b]; });
  for (const auto i : order)
    if (rates[i] < mean - gap) changed = eject(names[i], Ejection::SuccessRate, now) || changed;
  return changed;
}

bool Outliers::eject(std::string_view endpoint, Ejection reason, TimePoint now) {
  const auto known = records_.find(endpoint);
  if (known == records_.end() || known->second.reason != Ejection::None) return false;
  const auto out = ejected() + 1;
  // At least one may be, of two or more: a share of few endpoints would else be nobody.
  const auto allowed = std::max<std::size_t>(
      1, records_.size() * std::min(options_.most_ejected_percent, 100U) / 100);
  if (out > allowed || out >= records_.size() || options_.most_ejected_percent == 0) return false;
  auto& record = known->second;
  ++record.times;
  record.reason = reason;
  record.since = now;
  record.until = now + std::min<Duration>(options_.ejection * record.times, options_.most_ejection);
  return true;
}

bool Outliers::on_time(TimePoint now) {
  bool changed = false;
  for (auto& [name, record] : records_) {
    if (record.reason == Ejection::None || record.until > now) continue;
    record.reason = Ejection::None;
    changed = true;
  }
  return changed;
}

TimePoint Outliers::next_deadline() const {
  auto next = TimePoint::max();
  for (const auto& [name, record] : records_)
    if (record.reason != Ejection::None) next = std::min(next, record.until);
  return next;
}

const Outliers::Record* Outliers::find(std::string_view endpoint) const {
  const auto known = records_.find(endpoint);
  return known == records_.end() ? nullptr : &known->second;
}

bool Outliers::is_ejected(std::string_view endpoint) const {
  const auto* record = find(endpoint);
  return record != nullptr && record->reason != Ejection::None;
}

std::size_t Outliers::ejected() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      records_, [](const auto& known) { return known.second.reason != Ejection::None; }));
}

}  // namespace lb::health
