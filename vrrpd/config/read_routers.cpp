#include "vrrpd/config/readers.hpp"

#include <algorithm>

namespace vrrp::config {

using common::ConfigNode;
using daemon::RouterOptions;

namespace {

constexpr std::size_t kMostRouters = 255;

void read_lease(const ConfigNode& node, RouterOptions& router) {
  node.read_choice("lease", router.lease,
                   {{"auto", daemon::LeaseMode::Auto},
                    {"off", daemon::LeaseMode::Off},
                    {"required", daemon::LeaseMode::Required}});
  if (router.lease == daemon::LeaseMode::Required && router.priority == kOwner)
    node.fault("lease", "an address owner keeps its addresses whatever happens", "lease: auto");
}

/// What one election needs to know of all its routers.
void check_group(const ConfigNode& node, const RouterOptions& router,
                 const std::vector<RouterOptions>& before) {
  if (router.group.empty()) return;
  std::size_t others = 0;
  for (const auto& other : before) {
    if (other.group != router.group) continue;
    ++others;
    const auto differs = [&](std::string_view key, bool different) {
      if (different)
        node.fault(key, "is another one than of the first router of group " + router.group,
                   "routers of a group move together: the same in all of them");
    };
    if (others == 1) {
      differs("priority", other.priority != router.priority);
      differs("advertisement_interval",
              other.advertisement_interval != router.advertisement_interval);
      differs("version", other.version != router.version);
      differs("preempt", other.preempt != router.preempt);
      differs("preempt_delay", other.preempt_delay != router.preempt_delay);
      differs("announcements", other.announcements != router.announcements);
    }
    for (const auto& track : router.tracks)
      if (std::ranges::any_of(other.tracks, [&](const auto& one) {
            return one.name == track.name && one != track;
          }))
        node.fault("track", '"' + track.name + "\" is another track elsewhere in its group",
                   "each name for one track; all of them count for the whole group");
    if (other.vrid == router.vrid && !other.addresses.empty() && !router.addresses.empty() &&
        other.family() == router.family())
      node.fault("vrid", "stands twice in group " + router.group,
                 "another number for each router of a group: by it the nodes know which is which");
  }
  if (router.priority == kOwner)
    node.fault("group", "an address owner moves with nobody", "a priority from 1 to 254");
  if (others >= daemon::kMostInGroup)
    node.fault("group", "has too many routers", "at most " + std::to_string(daemon::kMostInGroup));
}

RouterOptions read_router(const ConfigNode& node) {
  RouterOptions router;
  node.require("interface", router.interface);
  if (node.has("interface")) read_interface_name(node, "interface", router.interface);
  read_protocol(node, router);
  read_announcements(node, router);
  node.read("group", router.group);
  read_lease(node, router);
  read_addresses(node, router);
  read_routes(node, router);
  read_unicast(node, router);
  check_version(node, router);
  read_authentication(node, router);
  read_tracks(node, router);
  return router;
}

void refuse_twice(const ConfigNode& node, const RouterOptions& router,
                  const std::vector<RouterOptions>& before) {
  for (const auto& other : before) {
    if (other.interface != router.interface) continue;
    if (router.addresses.empty() || other.addresses.empty()) continue;
    if (other.vrid == router.vrid && other.family() == router.family())
      node.fault("vrid", "is used twice on " + router.interface, "another number from 1 to 255");
    for (const auto& address : router.addresses)
      if (std::ranges::any_of(other.addresses,
                              [&](const auto& one) { return one.ip == address.ip; }))
        node.fault("addresses", address.ip.to_string() + " belongs to another router here",
                   "each address in one router");
  }
}

}  // namespace

std::vector<RouterOptions> read_routers(const ConfigNode& root) {
  std::vector<RouterOptions> routers;
  for (const auto& item : root.items("routers", 1, kMostRouters)) {
    auto router = read_router(item);
    refuse_twice(item, router, routers);
    check_group(item, router, routers);
    routers.push_back(std::move(router));
  }
  return routers;
}

}  // namespace vrrp::config
