#pragma once

#include "common/address.hpp"
#include "common/log.hpp"
#include "vrrpd/control/admin_options.hpp"
#include "vrrpd/daemon/memory.hpp"
#include "vrrpd/election/announcements.hpp"
#include "vrrpd/handover/handover_options.hpp"
#include "vrrpd/handover/message.hpp"
#include "vrrpd/link/routes.hpp"
#include "vrrpd/notify/notifier.hpp"
#include "vrrpd/packet/authentication.hpp"
#include "vrrpd/packet/checksum.hpp"
#include "vrrpd/packet/types.hpp"
#include "vrrpd/privileges/privileges.hpp"
#include "vrrpd/privileges/system_calls.hpp"
#include "vrrpd/tracking/track_options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vrrp::daemon {

/// Whether the kernel is to silence the node for its addresses when the daemon no longer speaks.
enum class LeaseMode : std::uint8_t { Auto, Off, Required };

struct RouterOptions {
  Vrid vrid;
  std::string interface;
  Priority priority;
  Centiseconds advertisement_interval{100};
  bool preempt{true};
  std::chrono::milliseconds preempt_delay{0};
  Version version{Version::V3};
  /// At least one, all of one family; IPv6: the first is link-local (RFC 9568 §5.2.9).
  std::vector<common::PrefixedAddress> addresses;
  std::vector<link::Route> routes;       // while Active, of the family of the addresses
  std::vector<common::IpAddress> peers;  // of the same family; none: multicast
  std::uint8_t least_time_to_live{255};  // of what peers send
  packet::ChecksumForm checksum{packet::ChecksumForm::PseudoHeader};
  packet::AuthenticationOptions authentication;
  bool virtual_mac{false};  // the addresses have one of the router's own, not the interface's
  bool accept{true};  // Accept_Mode: packets to the addresses are for us; an owner's always are
  bool obey_collisions{false};  // advertisements of our VRID that name none of our addresses
  election::AnnouncementOptions announcements;  // of a group the same
  LeaseMode lease{LeaseMode::Auto};  // Auto: where the kernel can; an owner's address is its own
  std::string group;                 // moves with the others of that name; empty: by itself
  std::vector<tracking::TrackOptions> tracks;

  Family family() const { return addresses.front().ip.is_v6() ? Family::V6 : Family::V4; }
  bool operator==(const RouterOptions&) const = default;
  /// Of one router over reloads.
  bool is_same_router(const RouterOptions& other) const {
    return vrid == other.vrid && interface == other.interface && family() == other.family() &&
           virtual_mac == other.virtual_mac;
  }
};

/// Routers that move together: one election, with what each hears and says on its own LAN (a sync
/// group). In the order of their numbers, which is the same on every node; the first leads. A
/// router that names no group is alone in its.
using RouterGroup = std::vector<RouterOptions>;
inline constexpr std::size_t kMostInGroup = handover::kMostPlaces;

std::vector<RouterGroup> groups_of(const std::vector<RouterOptions>& routers);
/// Of the same routers, whatever their other options.
bool is_same_group(const RouterGroup& one, const RouterGroup& other);

struct Options {
  common::LogOptions log;
  control::AdminOptions admin;
  MemoryOptions memory;
  handover::HandoverOptions handover;
  std::vector<notify::NotifyOptions> notify;
  std::chrono::milliseconds startup_delay{0};  // from the start of the process
  privileges::SchedulingOptions scheduling;
  privileges::SandboxOptions sandbox;
  std::string programs_user{"nobody"};  // whom scripts run as, when vrrpd was started by root
  std::vector<RouterOptions> routers;   // no VRID twice on one interface; those of a group agree in
                                        // what their one election needs

  /// Whether anything is to be executed.
  bool runs_programs() const;
};

}  // namespace vrrp::daemon
