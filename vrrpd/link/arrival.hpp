#pragma once

#include "common/time.hpp"

#include <optional>

namespace vrrp::link {

/// When a packet came, by the clock of timeouts. The kernel stamps it with the clock of people, so
/// that what counts is how long ago; and of a stamp from before that clock was set nobody knows.
class Arrival {
 public:
  /// `stamp` and `wall` since the epoch; `wall` and `now` are read at the same moment. `now` when
  /// the stamp cannot be believed: heard late is better than silence before its time.
  common::TimePoint of(common::Duration stamp, common::Duration wall, common::TimePoint now) {
    const auto ahead = wall - now.time_since_epoch();
    if (ahead_ && (ahead - *ahead_ > kClockIsSet || *ahead_ - ahead > kClockIsSet))
      believed_from_ = wall;
    ahead_ = ahead;
    if (believed_from_ && stamp < *believed_from_) return now;
    const auto age = wall - stamp;
    return age > common::Duration::zero() && age < kOldestStamp ? now - age : now;
  }

 private:
  /// A stamp older than this comes from a clock that was set, not from a late reader.
  static constexpr auto kOldestStamp = std::chrono::seconds{60};
  /// The clock of people was set when it is so much further from the other one than it was: what
  /// disciplines it slowly does so to both.
  static constexpr auto kClockIsSet = std::chrono::milliseconds{1};

  std::optional<common::Duration> ahead_;  // of the clock of timeouts, when last looked at
  std::optional<common::Duration> believed_from_;
};

}  // namespace vrrp::link
