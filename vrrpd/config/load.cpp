#include "vrrpd/config/load.hpp"

#include "common/log_options.hpp"
#include "vrrpd/packet/advertisement.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace vrrp::config {

using common::ConfigDocument;
using common::ConfigNode;
using daemon::Options;
using daemon::RouterOptions;
using tracking::OnFailure;
using tracking::TrackOptions;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostTracks = 16;
constexpr std::size_t kMostRouters = 255;
constexpr std::size_t kLongestInterfaceName = 15;  // IFNAMSIZ less its final 0

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

void read_interface(const ConfigNode& node, RouterOptions& router) {
  node.require("interface", router.interface);
  if (node.has("interface") &&
      (router.interface.empty() || router.interface.size() > kLongestInterfaceName))
    node.fault("interface", "cannot be the name of an interface",
               "1 to 15 characters such as eth0");
}

void read_addresses(const ConfigNode& node, RouterOptions& router) {
  for (const auto& item : node.items("addresses", 1, packet::kMostAddresses)) {
    const auto text = item.text();
    if (!text) continue;
    const auto address = common::PrefixedAddress::parse(*text);
    if (!address || address->ip.is_v6()) {
      item.fault("", '"' + *text + "\" cannot be used",
                 "an IPv4 address with its prefix such as 192.168.10.100/24");
      continue;
    }
    const bool twice = std::ranges::any_of(
        router.addresses, [&](const auto& other) { return other.ip == address->ip; });
    if (twice) item.fault("", *text + " stands here twice", "each address once");
    router.addresses.push_back(*address);
  }
}

RouterOptions read_router(const ConfigNode& node) {
  RouterOptions router;
  node.require("vrid", router.vrid.value, common::Range<std::uint8_t>{1, 255});
  read_interface(node, router);
  node.read("priority", router.priority.value, {1, 255});
  node.read("advertisement_interval", router.advertisement_interval,
            {.least = kShortestInterval, .most = kLongestInterval});
  node.read("preempt", router.preempt);
  node.read_choice("checksum", router.checksum,
                   {{"pseudo_header", packet::ChecksumForm::PseudoHeader},
                    {"message_only", packet::ChecksumForm::MessageOnly}});
  node.read_choice("lease", router.lease,
                   {{"auto", daemon::LeaseMode::Auto},
                    {"off", daemon::LeaseMode::Off},
                    {"required", daemon::LeaseMode::Required}});
  if (router.lease == daemon::LeaseMode::Required && router.priority == kOwner)
    node.fault("lease", "an address owner keeps its addresses whatever happens", "lease: auto");
  read_addresses(node, router);
  for (const auto& item : node.items("track", 0, kMostTracks))
    router.tracks.push_back(read_track(item));
  return router;
}

void refuse_twice(const ConfigNode& node, const RouterOptions& router,
                  const std::vector<RouterOptions>& before) {
  for (const auto& other : before) {
    if (other.interface != router.interface) continue;
    if (other.vrid == router.vrid)
      node.fault("vrid", "is used twice on " + router.interface, "another number from 1 to 255");
    for (const auto& address : router.addresses)
      if (std::ranges::any_of(other.addresses,
                              [&](const auto& one) { return one.ip == address.ip; }))
        node.fault("addresses", address.ip.to_string() + " belongs to another router here",
                   "each address in one router");
  }
}

common::Result<Options, std::vector<common::ConfigError>> read(const ConfigDocument& document) {
  Options options;
  const auto root = document.root();
  common::read_log_options(root.section("log"), options.log);
  root.section("admin").read("listen", options.admin);
  for (const auto& item : root.items("routers", 1, kMostRouters)) {
    auto router = read_router(item);
    refuse_twice(item, router, options.routers);
    options.routers.push_back(std::move(router));
  }
  if (auto errors = document.errors(); !errors.empty()) return errors;
  return options;
}

}  // namespace

common::Result<Options, std::vector<common::ConfigError>> load(const std::string& path) {
  return read(ConfigDocument::from_file(path));
}

common::Result<Options, std::vector<common::ConfigError>> load_text(std::string_view text,
                                                                    std::string name) {
  return read(ConfigDocument::from_text(text, std::move(name)));
}

}  // namespace vrrp::config
