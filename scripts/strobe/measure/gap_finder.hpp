#pragma once

#include "scripts/strobe/measure/schedule.hpp"

#include <cstdint>
#include <vector>

namespace strobe::measure {

struct Gap {
  common::Duration begin{0};   // the first bad request's scheduled instant, since the start
  common::Duration length{0};  // to the scheduled instant of the next good one
  std::uint64_t requests{0};   // bad ones in it
  bool ended{true};  // false: no good request followed; the length is to the last one's end
};

/// Finds the outage: the longest stretch of consecutive scheduled requests of which none was good,
/// from the first bad one's scheduled instant to the next good one's. Both ends are scheduled
/// instants, so a connection attempt that the kernel repeats only after a second, but was made in
/// the middle of the gap, does not stretch it.
class GapFinder {
 public:
  /// The caller says what is good; here: answered rightly and within the threshold. Any order.
  void record(std::uint64_t n, bool good);
  /// Requests that were never recorded neither begin, end nor interrupt a gap.
  Gap longest(const Schedule& schedule) const;

 private:
  enum class Verdict : std::uint8_t { Unknown, Good, Bad };
  std::vector<Verdict> verdicts_;
};

}  // namespace strobe::measure
