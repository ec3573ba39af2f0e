#pragma once

#include "common/hysteresis.hpp"
#include "vrrpd/packet/types.hpp"
#include "vrrpd/tracking/check.hpp"

#include <optional>
#include <span>

namespace vrrp::tracking {

/// What one check has said so far. The first finding is believed at once.
class Track {
 public:
  /// How a track counts before its first finding. At a start: as down, for a node that does not
  /// know yet must not take the addresses. Added to a running router: as up, for a reload is no
  /// failure.
  enum class Unknown { Down, Up };

  explicit Track(TrackOptions options, Unknown unknown = Unknown::Down)
      : options_{std::move(options)}, unknown_{unknown} {}

  /// True when the verdict or the weight is another than before.
  bool on_finding(const Finding& finding);
  bool up() const { return verdict_ ? verdict_->good() : unknown_ == Unknown::Up; }
  bool known() const { return verdict_.has_value(); }
  /// What is added to the priority while up; 0 for all but files.
  int weight() const { return weight_; }
  const TrackOptions& options() const { return options_; }

 private:
  TrackOptions options_;
  Unknown unknown_;
  std::optional<common::Hysteresis> verdict_;
  int weight_{0};
};

/// What the tracks leave of `base`; 0 when the router is not fit. Lowering stops at 1, the least
/// that still takes part, and raising at 254. An address owner (255) is not changed: RFC 9568
/// §5.2.4 gives it no other priority.
Priority effective_priority(Priority base, std::span<const Track> tracks);

}  // namespace vrrp::tracking
