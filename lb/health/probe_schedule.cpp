#include "lb/health/probe_schedule.hpp"

namespace lb::health {

common::Duration ProbeSchedule::sooner() {
  // xorshift64: spreading needs no better randomness.
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 7U;
  random_ ^= random_ << 17U;
  const auto thousandths = static_cast<std::int64_t>(random_ % 101);
  return interval_ * thousandths / 1000;
}

}  // namespace lb::health
