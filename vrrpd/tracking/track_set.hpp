#pragma once

#include "vrrpd/tracking/track.hpp"

#include <memory>
#include <vector>

namespace vrrp::programs {
class Runner;
}

namespace vrrp::tracking {

/// The tracks of one router with the checks that feed them.
class TrackSet {
 public:
  /// A track has changed its verdict or weight.
  using OnChange = std::function<void(const Track& track)>;

  /// `programs` runs scripts; null when there is none.
  TrackSet(boost::asio::io_context& context, programs::Runner* programs, OnChange on_change);
  TrackSet(const TrackSet&) = delete;
  TrackSet& operator=(const TrackSet&) = delete;

  /// The tracks from now on. One that was there before, with the same options, goes on as it is;
  /// how the others count until their first finding `unknown` says.
  void set(const std::vector<TrackOptions>& options, Track::Unknown unknown);
  /// No more changes.
  void stop() { checks_.clear(); }

  const std::vector<Track>& tracks() const { return tracks_; }

 private:
  struct Running {
    int id;  // of the track at the same place
    std::unique_ptr<Check> check;
  };
  void on_finding(int id, const Finding& finding);

  boost::asio::io_context& context_;
  programs::Runner* programs_;
  OnChange on_change_;
  std::vector<Track> tracks_;
  std::vector<Running> checks_;
  int next_id_{0};
};

}  // namespace vrrp::tracking
