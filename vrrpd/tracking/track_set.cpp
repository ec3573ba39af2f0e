#include "vrrpd/tracking/track_set.hpp"

#include "vrrpd/tracking/make_check.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::tracking {

TrackSet::TrackSet(boost::asio::io_context& context, programs::Runner* programs, OnChange on_change)
    : context_{context}, programs_{programs}, on_change_{std::move(on_change)} {}

void TrackSet::set(const std::vector<TrackOptions>& options, Track::Unknown unknown) {
  auto old_tracks = std::exchange(tracks_, {});
  auto old_checks = std::exchange(checks_, {});
  std::vector<Check*> added;
  for (const auto& wanted : options) {
    const auto same = std::ranges::find_if(
        old_tracks, [&](const Track& track) { return track.options() == wanted; });
    if (same != old_tracks.end()) {
      const auto at = same - old_tracks.begin();
      tracks_.push_back(std::move(*same));
      checks_.push_back(std::move(old_checks[static_cast<std::size_t>(at)]));
      old_tracks.erase(same);
      old_checks.erase(old_checks.begin() + at);
      continue;
    }
    const int id = next_id_++;
    tracks_.emplace_back(wanted, unknown);
    checks_.push_back(
        {id, make_check(context_, wanted, programs_,
                        [this, id](const Finding& found) { on_finding(id, found); })});
    added.push_back(checks_.back().check.get());
  }
  for (auto* check : added) check->start();
}

void TrackSet::on_finding(int id, const Finding& finding) {
  const auto running = std::ranges::find(checks_, id, &Running::id);
  if (running == checks_.end()) return;
  auto& track = tracks_[static_cast<std::size_t>(running - checks_.begin())];
  if (track.on_finding(finding)) on_change_(track);
}

}  // namespace vrrp::tracking
