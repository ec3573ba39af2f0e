#pragma once

#include "common/time.hpp"

#include <algorithm>
#include <cstdint>

namespace lb::health {

/// When an endpoint is probed: every `interval`, each time up to a tenth of it sooner, so that many
/// checkers do not ask in step. Never later: `fall` failures need no longer than `fall` intervals.
class ProbeSchedule {
 public:
  ProbeSchedule(common::Duration interval, std::uint64_t seed)
      : interval_{interval}, random_{seed | 1U} {}

  /// The first probe is due within a tenth of the interval, and at most this.
  static constexpr common::Duration kMostFirst = std::chrono::seconds{1};
  common::TimePoint first(common::TimePoint now) { return now + std::min(sooner(), kMostFirst); }
  /// The next one after a probe that began at `began`.
  common::TimePoint after(common::TimePoint began) { return began + interval_ - sooner(); }

 private:
  common::Duration sooner();  // 0 … interval/10

  common::Duration interval_;
  std::uint64_t random_;
};

}  // namespace lb::health
