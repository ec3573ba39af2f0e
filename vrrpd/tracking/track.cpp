#include "vrrpd/tracking/track.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::tracking {
namespace {

/// A file's weight from which on the router is not fit.
constexpr int kUnfitWeight = -254;

}  // namespace

bool Track::on_finding(const Finding& finding) {
  const bool first = !verdict_;
  const bool was_up = up();
  bool turned = false;
  if (first || (finding.at_once && finding.good != verdict_->good()))
    verdict_.emplace(options_.hysteresis, finding.good);
  else
    verdict_->on_result(finding.good);
  turned = first || was_up != up();
  return (std::exchange(weight_, finding.weight) != finding.weight) || turned;
}

Priority effective_priority(Priority base, std::span<const Track> tracks) {
  int value = base.value;
  for (const auto& track : tracks) {
    if (track.up() && track.weight() > kUnfitWeight) {
      value += track.weight();
      continue;
    }
    if (track.up() || track.options().on_failure == OnFailure::Release) return kResigning;
    value -= track.options().lower_by;
  }
  if (base == kOwner) return kOwner;
  return Priority{static_cast<std::uint8_t>(std::clamp(value, 1, 254))};
}

}  // namespace vrrp::tracking
