#pragma once

#include "common/time.hpp"

#include <cstdint>

namespace strobe::measure {

/// Constant arrival rate: request n is due at n / rate after the start, whatever became of the ones
/// before it. Latency counts from there, so a stalled server cannot hide its stall by slowing the
/// client down (coordinated omission).
class Schedule {
 public:
  /// `per_second` > 0.
  Schedule(double per_second, std::uint64_t count);

  common::Duration offset(std::uint64_t n) const;
  /// How many requests are due when `elapsed` has passed since the start.
  std::uint64_t due(common::Duration elapsed) const;
  std::uint64_t count() const { return count_; }

 private:
  double interval_ns_;
  std::uint64_t count_;
};

}  // namespace strobe::measure
