#pragma once

#include "common/time.hpp"

#include <cstddef>

namespace vrrp::election {

/// When an Active Router tells the LAN where its addresses are: 0, 20, 100, 500, 1050 and 2000 ms
/// after it took over, and again from the start after every sign of life of a rival, so that the
/// loser's word is never the last in a neighbour's cache. Then every 30 s, for who was not there to
/// hear it. 1050: a switch that forwards nothing for a second after the move has lost the first
/// four.
class Announcements {
 public:
  /// Rivals may be many and hostile: no two announcements are closer than this.
  static constexpr auto kLeastDistance = std::chrono::milliseconds{20};
  static constexpr auto kRefresh = std::chrono::seconds{30};

  void restart(common::TimePoint now);
  /// A router that has yielded never speaks again.
  void cancel() { next_ = common::TimePoint::max(); }
  /// True when one is due; it then counts as made, and steps that `now` has passed are not made up
  /// for.
  bool take_due(common::TimePoint now);
  /// `TimePoint::max()` when cancelled.
  common::TimePoint next() const { return next_; }

 private:
  common::TimePoint since_{};
  common::TimePoint last_{common::TimePoint::min()};
  common::TimePoint next_{common::TimePoint::max()};
  std::size_t step_{0};
};

}  // namespace vrrp::election
