#pragma once

#include "common/time.hpp"

namespace lb::balancing {

/// Peak EWMA: how long an endpoint takes, believing a slow answer at once and a fast one only
/// slowly, and forgetting while nothing is asked, so that who was slow gets another chance.
class PeakEwma {
 public:
  /// What a failure counts as, at least: an endpoint that fails fast must not look like a fast one.
  static constexpr double kFailure = 1.0;  // seconds

  void add(double seconds, common::TimePoint now, common::Duration decay);
  /// Seconds; 0 when nothing is known.
  double at(common::TimePoint now, common::Duration decay) const;

 private:
  double seconds_{0};
  common::TimePoint at_{};
};

}  // namespace lb::balancing
