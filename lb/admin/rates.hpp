#pragma once

#include "lb/admin/control.hpp"

#include <deque>

namespace lb::admin {

/// One moment of the whole process, made of what was counted before and after it.
struct Sample {
  common::WallTime at{};
  std::array<double, 5> by_class{};  // answers 1xx to 5xx, a second
  double requests{0};                // their sum
  double bytes_received{0};          // a second
  double bytes_sent{0};
  double retries{0};
  double refused{0};
  // Seconds, of what ended in the last Rates::kWindow samples; nothing when nothing did.
  std::optional<double> p50;
  std::optional<double> p95;
  std::optional<double> p99;
  std::uint64_t requests_now{0};
  std::uint64_t connections_now{0};
  std::uint64_t upstream_connections_now{0};
};

/// The duration within which `share` of what was counted between `older` and `newer` ended, in
/// seconds: linear within a bucket, and the highest bound for what is beyond it.
std::optional<double> quantile(const DurationStatus& newer, const DurationStatus& older,
                               double share);

/// Turns Totals, taken about once a second, into rates, and keeps the last minutes of them.
class Rates {
 public:
  static constexpr std::size_t kKept = 300;  // samples
  static constexpr std::size_t kWindow = 10;

  void add(Totals totals, common::TimePoint now, common::WallTime at);
  /// All zero before there were two totals.
  const Sample& latest() const;
  const std::deque<Sample>& history() const { return history_; }

 private:
  struct Counted {
    Totals totals;
    common::TimePoint at;
  };
  std::deque<Counted> counted_;  // of the window
  std::deque<Sample> history_;
};

}  // namespace lb::admin
