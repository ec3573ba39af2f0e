#pragma once

#include "common/hysteresis.hpp"
#include "vrrpd/packet/types.hpp"
#include "vrrpd/tracking/track_options.hpp"

#include <optional>
#include <span>

namespace vrrp::tracking {

/// What one check has said so far. The first result is believed at once; before it, the track is
/// down: a node that does not know yet must not take the addresses.
class Track {
 public:
  explicit Track(TrackOptions options) : options_{std::move(options)} {}

  /// Before the first result: up, until it says otherwise.
  void presume_up() { verdict_.emplace(options_.hysteresis, true); }
  /// True when the verdict is another than before.
  bool on_result(bool good);
  bool up() const { return verdict_ && verdict_->good(); }
  const TrackOptions& options() const { return options_; }

 private:
  TrackOptions options_;
  std::optional<common::Hysteresis> verdict_;
};

/// What the tracks leave of `base`; 0 when the router is not fit. Lowering stops at 1, the least
/// that still takes part, and an address owner (255) is not lowered: RFC 9568 §5.2.4 gives it no
/// other priority.
Priority effective_priority(Priority base, std::span<const Track> tracks);

}  // namespace vrrp::tracking
