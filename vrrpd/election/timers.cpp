#include "vrrpd/election/timers.hpp"

#include "vrrpd/election/parameters.hpp"

namespace vrrp::election {

common::Duration skew_time(Priority priority, Centiseconds active_adver_interval, Version version) {
  const common::Duration whole =
      version == Version::V2 ? std::chrono::seconds{1} : common::Duration{active_adver_interval};
  return (256 - priority.value) * whole / 256;
}

common::Duration active_down_interval(Priority priority, Centiseconds active_adver_interval,
                                      Version version) {
  return 3 * common::Duration{active_adver_interval} +
         skew_time(priority, active_adver_interval, version);
}

Centiseconds learned_interval(Centiseconds heard, Centiseconds own) {
  const bool believable = heard >= kShortestInterval && heard * kLearnedIntervalFactor >= own &&
                          heard <= own * kLearnedIntervalFactor;
  return believable ? heard : own;
}

}  // namespace vrrp::election
