#include "scripts/strobe/measure/schedule.hpp"

#include "common/contract.hpp"

#include <algorithm>

namespace strobe::measure {

Schedule::Schedule(double per_second, std::uint64_t count)
    : interval_ns_{1e9 / per_second}, count_{count} {
  common::expects(per_second > 0, "an arrival rate is positive");
}

common::Duration Schedule::offset(std::uint64_t n) const {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(n) * interval_ns_)};
}

std::uint64_t Schedule::due(common::Duration elapsed) const {
  if (elapsed < common::Duration::zero()) return 0;
  auto n = static_cast<std::uint64_t>(static_cast<double>(elapsed.count()) / interval_ns_);
  n = std::min(n, count_);
  // The division rounds; offset() is what a request is held to.
  while (n > 0 && offset(n - 1) > elapsed) --n;
  while (n < count_ && offset(n) <= elapsed) ++n;
  return n;
}

}  // namespace strobe::measure
