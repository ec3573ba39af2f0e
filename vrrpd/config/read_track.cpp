#include "vrrpd/config/readers.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace vrrp::config {

using common::ConfigNode;
using tracking::OnFailure;
using tracking::TrackOptions;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostTracks = 16;

struct Target {
  common::SocketAddress address;
  std::string path;
};

common::Parsed<Target> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  const std::string right = "a URL with an IP address such as http://127.0.0.1:9101/readyz";
  if (!text.starts_with(kScheme)) return {{}, right};
  text.remove_prefix(kScheme.size());
  const auto slash = text.find('/');
  const auto address = common::SocketAddress::parse(text.substr(0, slash));
  const auto path = slash == std::string_view::npos ? "/" : text.substr(slash);
  const bool plain = std::ranges::all_of(path, [](char c) { return c > ' ' && c < '\x7F'; });
  if (!address || address->port == 0 || !plain) return {{}, right};
  return {Target{*address, std::string{path}}, right};
}

TrackOptions read_track(const ConfigNode& node) {
  TrackOptions track;
  node.require("name", track.name);
  if (node.has("url")) {
    Target target;
    node.read_as("url", target, parse_url);
    track.address = target.address;
    track.path = target.path;
  } else {
    node.fault("", "what to ask is not said", "url: http://127.0.0.1:9101/readyz");
  }
  node.read("interval", track.interval, {.least = 10ms, .most = 1h});
  node.read("timeout", track.timeout, {.least = 1ms, .most = 1h});
  node.read("rise", track.hysteresis.rise, {1, 1000});
  node.read("fall", track.hysteresis.fall, {1, 1000});
  node.read_choice("on_failure", track.on_failure,
                   {{"release", OnFailure::Release}, {"lower_priority", OnFailure::LowerPriority}});
  if (node.has("lower_by") && track.on_failure != OnFailure::LowerPriority)
    node.fault("lower_by", "has no effect with on_failure: release", "on_failure: lower_priority");
  node.read("lower_by", track.lower_by, {1, 253});
  return track;
}

}  // namespace

void read_tracks(const ConfigNode& node, daemon::RouterOptions& router) {
  for (const auto& item : node.items("track", 0, kMostTracks))
    router.tracks.push_back(read_track(item));
}

}  // namespace vrrp::config
