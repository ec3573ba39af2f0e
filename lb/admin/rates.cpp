#include "lb/admin/rates.hpp"

#include <numeric>
#include <utility>

namespace lb::admin {

std::optional<double> quantile(const DurationStatus& newer, const DurationStatus& older,
                               double share) {
  std::vector<std::uint64_t> counts = newer.buckets;
  if (older.buckets.size() == counts.size())
    for (std::size_t i = 0; i < counts.size(); ++i)
      counts[i] -= std::min(counts[i], older.buckets[i]);
  const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (all == 0 || counts.size() != newer.bounds.size() + 1) return std::nullopt;
  const double wanted = share * static_cast<double>(all);
  double below = 0;
  for (std::size_t i = 0; i < newer.bounds.size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0 && below + here >= wanted) {
      const double from = i == 0 ? 0 : newer.bounds[i - 1];
      return from + (newer.bounds[i] - from) * (wanted - below) / here;
    }
    below += here;
  }
  return newer.bounds.empty() ? 0 : newer.bounds.back();
}

void Rates::add(Totals totals, common::TimePoint now, common::WallTime at) {
  counted_.push_back({std::move(totals), now});
  if (counted_.size() < 2) return;
  const auto& newer = counted_.back();
  const auto& before = counted_[counted_.size() - 2];
  const auto& oldest = counted_.front();
  const double seconds = std::chrono::duration<double>(newer.at - before.at).count();
  if (seconds <= 0) return counted_.pop_back();
  const auto a_second = [seconds](std::uint64_t more, std::uint64_t less) {
    return more > less ? static_cast<double>(more - less) / seconds : 0;
  };
  const auto& now_totals = newer.totals;
  Sample sample;
  sample.at = at;
  for (std::size_t i = 0; i < sample.by_class.size(); ++i) {
    sample.by_class[i] = a_second(now_totals.by_class[i], before.totals.by_class[i]);
    sample.requests += sample.by_class[i];
  }
  sample.bytes_received = a_second(now_totals.bytes_received, before.totals.bytes_received);
  sample.bytes_sent = a_second(now_totals.bytes_sent, before.totals.bytes_sent);
  sample.retries = a_second(now_totals.retries, before.totals.retries);
  sample.refused = a_second(now_totals.refused, before.totals.refused);
  sample.p50 = quantile(now_totals.durations, oldest.totals.durations, 0.50);
  sample.p95 = quantile(now_totals.durations, oldest.totals.durations, 0.95);
  sample.p99 = quantile(now_totals.durations, oldest.totals.durations, 0.99);
  sample.requests_now = now_totals.requests_now;
  sample.connections_now = now_totals.client_connections_now;
  sample.upstream_connections_now = now_totals.upstream_connections_now;
  history_.push_back(std::move(sample));
  if (history_.size() > kKept) history_.pop_front();
  if (counted_.size() > kWindow) counted_.pop_front();
}

const Sample& Rates::latest() const {
  static const Sample kNothing;
  return history_.empty() ? kNothing : history_.back();
}

}  // namespace lb::admin
