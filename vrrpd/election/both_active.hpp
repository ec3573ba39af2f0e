#pragma once

#include "common/time.hpp"

#include <cstdint>

namespace vrrp::election {

/// Two routers Active at once: what this one, being Active, hears of another that also says so. An
/// episode begins with the first word of a rival that is none of a takeover, and ends when it has
/// left out `kQuietWords`.
class BothActive {
 public:
  static constexpr int kQuietWords = 3;

  void on_active(common::TimePoint now) { active_since_ = now; }
  /// A lesser router advertises, or a station answers for our addresses, while we are Active. True
  /// when an episode begins. Who has just been relieved may say one word more: within an interval
  /// of our takeover that is no rival. `again`: when it is to be heard the next time if it is there
  /// still, an interval later, or a probe of ours.
  bool on_rival(common::Duration interval, common::Duration again, common::TimePoint now);
  /// True when an episode is over, once.
  bool is_over(bool active, common::TimePoint now);

  bool now() const { return episode_; }
  std::uint64_t episodes() const { return episodes_; }
  common::TimePoint since() const { return since_; }

 private:
  bool episode_{false};
  std::uint64_t episodes_{0};
  common::TimePoint active_since_{};
  common::TimePoint since_{};
  common::TimePoint quiet_from_{};
};

}  // namespace vrrp::election
