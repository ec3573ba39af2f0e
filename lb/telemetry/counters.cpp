#include "lb/telemetry/counters.hpp"

#include <algorithm>

namespace lb::telemetry {

void DurationHistogram::add(common::Duration duration) {
  const auto bucket = std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), duration);
  buckets[static_cast<std::size_t>(bucket - kDurationBounds.begin())].add();
  sum_us.add(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(duration).count()));
}

}  // namespace lb::telemetry
