#pragma once

#include "common/time.hpp"
#include "vrrpd/election/announcements.hpp"
#include "vrrpd/packet/types.hpp"

#include <cstdint>

namespace vrrp::election {

/// RFC 9568 §6.1, one Virtual Router.
struct Parameters {
  Priority priority;                         // base; tracking may lower it
  Centiseconds advertisement_interval{100};  // 1..4095
  bool preempt_mode{true};
  common::Duration preempt_delay{};  // from a start, or from being fit again
  Version version{Version::V3};
  AnnouncementOptions announcements{};
};

/// A peer's interval is learned (§6.4.2) only within own/4..own*4. Outside, ours is used: otherwise
/// one forged packet with 40.95 s leaves the addresses nowhere for two minutes.
inline constexpr std::int64_t kLearnedIntervalFactor = 4;

}  // namespace vrrp::election
