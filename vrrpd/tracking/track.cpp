#include "vrrpd/tracking/track.hpp"

#include <algorithm>

namespace vrrp::tracking {

bool Track::on_result(bool good) {
  if (verdict_) return verdict_->on_result(good);
  verdict_.emplace(options_.hysteresis, good);
  return good;
}

Priority effective_priority(Priority base, std::span<const Track> tracks) {
  int value = base.value;
  for (const auto& track : tracks) {
    if (track.up()) continue;
    if (track.options().on_failure == OnFailure::Release) return kResigning;
    value -= track.options().lower_by;
  }
  if (base == kOwner) return kOwner;
  return Priority{static_cast<std::uint8_t>(std::max(value, 1))};
}

}  // namespace vrrp::tracking
