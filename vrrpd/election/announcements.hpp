#pragma once

#include "common/time.hpp"

#include <chrono>
#include <cstddef>

namespace vrrp::election {

/// How often, how long and how much later the LAN is told where the addresses are. Each telling is
/// gratuitous ARP in both forms, or an unsolicited neighbour advertisement, for every address.
struct AnnouncementOptions {
  std::size_t count{6};                   // 1..kMostAnnouncements, after a takeover or a rival
  std::chrono::milliseconds delay{2000};  // from the first to the last of them
  std::chrono::seconds refresh{30};       // and then, each time; 0: never

  bool operator==(const AnnouncementOptions&) const = default;
};
inline constexpr std::size_t kMostAnnouncements = 20;

/// When an Active Router tells the LAN where its addresses are: of six in two seconds 0, 20, 100,
/// 500, 1050 and 2000 ms after it took over, and again from the start after every sign of life of a
/// rival, so that the loser's word is never the last in a neighbour's cache. Then every 30 s, for
/// who was not there to hear it. 1050: a switch that forwards nothing for a second after the move
/// has lost the first four. Another count or delay lies on the same curve: close together at first,
/// then further apart.
///
/// A rival that claims the addresses but does not advertise to us may be a router that is deaf to
/// us, too, and answers each of our announcements with its own. So claims are answered at growing
/// distances, as RFC 5227 §2.4 demands it of who defends an address: the first at once, and each
/// within `kLongestDistance`.
class Announcements {
 public:
  /// Rivals may be many and hostile: no two announcements are closer than this.
  static constexpr auto kLeastDistance = std::chrono::milliseconds{20};
  /// Between two answers to claims, in the end: DEFEND_INTERVAL of RFC 5227 §1.1.
  static constexpr auto kLongestDistance = std::chrono::milliseconds{10'000};
  /// Without a claim for so long, and the next one is answered at once again. Longer than a deaf
  /// rival's answers are apart.
  static constexpr auto kCalm = 2 * kLongestDistance;

  explicit Announcements(const AnnouncementOptions& options = {}) : options_{options} {}

  /// From the next restart or refresh on.
  void use(const AnnouncementOptions& options) { options_ = options; }
  void restart(common::TimePoint now);
  /// After a claim that no advertisement came with: starts them again, not yet, and not sooner than
  /// the answers before allow. What is due by then is answer enough.
  void answer(common::TimePoint claimed_at);
  /// A router that has yielded never speaks again.
  void cancel();
  /// True when one is due; it then counts as made, and steps that `now` has passed are not made up
  /// for.
  bool take_due(common::TimePoint now);
  /// `TimePoint::max()` when cancelled.
  common::TimePoint next() const { return next_; }

 private:
  common::TimePoint time_of_step() const;
  common::TimePoint after_the_last(common::TimePoint now) const;

  AnnouncementOptions options_;
  common::TimePoint since_{};
  common::TimePoint last_{common::TimePoint::min()};
  common::TimePoint next_{common::TimePoint::max()};
  std::size_t step_{0};
  common::TimePoint claimed_at_{common::TimePoint::min()};
  common::TimePoint answers_from_{common::TimePoint::min()};
  common::Duration distance_{kLeastDistance};  // of the next answer to the one after it
};

}  // namespace vrrp::election
