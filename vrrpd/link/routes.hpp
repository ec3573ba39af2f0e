#pragma once

#include "common/address.hpp"
#include "vrrpd/link/addresses.hpp"
#include "vrrpd/link/interface.hpp"
#include "vrrpd/link/netlink.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace vrrp::link {

/// A route that a node has while it is Active.
struct Route {
  common::PrefixedAddress to;            // no host bits; 0.0.0.0/0 or ::/0: the default route
  std::optional<common::IpAddress> via;  // none: what it leads to is on the interface's LAN
  std::optional<common::IpAddress> source;
  std::uint32_t metric{0};   // 0: the kernel's default
  std::uint32_t table{254};  // main

  /// As ip(8) has it: `10.8.0.0/16 via 192.168.10.254 src 192.168.10.100 metric 50 table 100`.
  std::string to_string() const;
  bool operator==(const Route&) const = default;
};

/// Routes of ours bear this number of a protocol (VRRP's own), so that nobody else's is taken for
/// one: `ip route show proto 112`.
inline constexpr std::uint8_t kRouteProtocol = 112;

/// Puts it into the kernel's table. `AlreadySo`: a route to that network of that metric stands
/// there, whoever made it.
common::Result<Change> add_route(Netlink& netlink, const Interface& interface, const Route& route);
/// Takes ours away; never another one.
common::Result<Change> remove_route(Netlink& netlink, const Interface& interface,
                                    const Route& route);
/// As `add_route`, and certain that it is ours: an error of EEXIST when somebody else's is in its
/// place. For a moment there is none.
common::Result<Change> claim_route(Netlink& netlink, const Interface& interface,
                                   const Route& route);

}  // namespace vrrp::link
