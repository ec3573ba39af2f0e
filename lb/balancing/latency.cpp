#include "lb/balancing/latency.hpp"

#include <cmath>

namespace lb::balancing {
namespace {

/// How much of the past still counts.
double remaining(common::Duration elapsed, common::Duration decay) {
  if (elapsed <= common::Duration::zero()) return 1;
  return std::exp(-static_cast<double>(elapsed.count()) / static_cast<double>(decay.count()));
}

}  // namespace

void PeakEwma::add(double seconds, common::TimePoint now, common::Duration decay) {
  const double past = at(now, decay);
  const double weight = remaining(now - at_, decay);
  seconds_ = seconds > past ? seconds : seconds_ * weight + seconds * (1 - weight);
  at_ = now;
}

double PeakEwma::at(common::TimePoint now, common::Duration decay) const {
  return seconds_ > 0 ? seconds_ * remaining(now - at_, decay) : 0;
}

}  // namespace lb::balancing
