#pragma once

#include "common/time.hpp"

#include <cstdint>

namespace lb::health {

/// When an endpoint is probed: every `interval`, each time moved by up to a tenth of it, so that
/// many checkers do not ask in step.
class ProbeSchedule {
 public:
  ProbeSchedule(common::Duration interval, std::uint64_t seed)
      : interval_{interval}, random_{seed | 1U} {}

  /// The first probe, soon after `now`.
  common::TimePoint first(common::TimePoint now) { return now + jitter() / 2 + interval_ / 20; }
  /// The next one after a probe that began at `began`.
  common::TimePoint after(common::TimePoint began) { return began + interval_ + jitter(); }

 private:
  common::Duration jitter();  // -interval/10 … interval/10

  common::Duration interval_;
  std::uint64_t random_;
};

}  // namespace lb::health
