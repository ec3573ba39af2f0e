#pragma once

#include "common/address.hpp"
#include "vrrpd/link/interface.hpp"
#include "vrrpd/packet/advertisement.hpp"
#include "vrrpd/packet/neighbor_claim.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vrrp::hostcheck {

/// Of /proc/sys/net; nothing where the kernel has not got it. Where the kernel takes the larger of
/// `all` and the interface's own, so do these.
struct KernelSettings {
  std::optional<int> rp_filter{};     // 1: strict (RFC 3704)
  std::optional<int> arp_ignore{};    // 8: no address is answered for
  std::optional<int> arp_filter{};    // 1: answers only where the way back begins
  std::optional<int> disable_ipv6{};  // 1: no IPv6 here
};

struct SeenInterface {
  std::string name;
  link::Interface link;
  KernelSettings kernel{};
};

/// An advertisement that passed the receive checks of RFC 9568 §7.1, whatever its VRID.
struct HeardAdvertisement {
  std::string interface;
  packet::Advertisement advertisement;
  common::IpAddress source;
  bool to_group{true};  // else to an address of this host
  std::uint8_t time_to_live{255};
};

/// Somebody on the LAN says that it has an address.
struct HeardClaim {
  std::string interface;
  packet::NeighborClaim claim;
};

/// What was seen of a host and its LANs in a few seconds.
struct Observed {
  std::vector<std::string> missing_capabilities;
  int kernel_major{0};  // 0: not known
  int kernel_minor{0};
  std::vector<SeenInterface> interfaces;
  std::vector<HeardAdvertisement> heard;
  std::vector<HeardClaim> claims;
  bool listened{false};  // without CAP_NET_RAW nothing is heard
};

}  // namespace vrrp::hostcheck
