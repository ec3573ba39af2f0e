#include "vrrpd/config/readers.hpp"

namespace vrrp::config {
namespace {

constexpr std::chrono::seconds kMostVersion2{255};
constexpr std::chrono::minutes kLongestAnnouncing{1};
constexpr std::chrono::hours kLongestRefresh{1};

}  // namespace

void read_protocol(const common::ConfigNode& node, daemon::RouterOptions& router) {
  node.require("vrid", router.vrid.value, common::Range<std::uint8_t>{1, 255});
  node.read("priority", router.priority.value, {1, 255});
  node.read("advertisement_interval", router.advertisement_interval,
            {.least = kShortestInterval, .most = kLongestInterval});
  node.read_choice("version", router.version, {{"3", Version::V3}, {"2", Version::V2}});
  node.read("preempt", router.preempt);
  node.read("preempt_delay", router.preempt_delay, {.least = {}, .most = std::chrono::hours{1}});
  if (node.has("preempt_delay") && !router.preempt)
    node.fault("preempt_delay", "has no effect with preempt: false", "preempt: true");
  node.read("accept_mode", router.accept);
  if (!router.accept && router.priority == kOwner)
    node.fault("accept_mode", "an address owner accepts what is sent to its addresses",
               "accept_mode: true");
  node.read("virtual_mac", router.virtual_mac);
  if (router.virtual_mac && router.priority == kOwner)
    node.fault("virtual_mac", "an address owner has its addresses on the interface itself",
               "a priority from 1 to 254");
  node.read_choice("vrid_collision", router.obey_collisions, {{"report", false}, {"obey", true}});
  node.read_choice("checksum", router.checksum,
                   {{"pseudo_header", packet::ChecksumForm::PseudoHeader},
                    {"message_only", packet::ChecksumForm::MessageOnly}});
}

void read_announcements(const common::ConfigNode& node, daemon::RouterOptions& router) {
  const auto section = node.section("announcements");
  auto& announcements = router.announcements;
  section.read("count", announcements.count, {1, election::kMostAnnouncements});
  section.read("delay", announcements.delay,
               {.least = election::Announcements::kLeastDistance, .most = kLongestAnnouncing});
  section.read("refresh", announcements.refresh, {.least = {}, .most = kLongestRefresh});
}

void check_version(const common::ConfigNode& node, const daemon::RouterOptions& router) {
  if (router.version != Version::V2) return;
  if (!router.addresses.empty() && router.family() == Family::V6)
    node.fault("version", "VRRPv2 knows IPv4 alone", "version: 3");
  const auto interval = router.advertisement_interval;
  if (interval % std::chrono::seconds{1} != Centiseconds{0} || interval > kMostVersion2)
    node.fault("advertisement_interval", "VRRPv2 can say 1 to 255 whole seconds",
               "advertisement_interval: 1s, or version: 3");
}

}  // namespace vrrp::config
