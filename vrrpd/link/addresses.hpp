#pragma once

#include "common/address.hpp"
#include "vrrpd/link/interface.hpp"
#include "vrrpd/link/netlink.hpp"

namespace vrrp::link {

enum class Change { Made, AlreadySo };

/// Puts `address` on the interface. No second route to a network it already stands in.
common::Result<Change> add_address(Netlink& netlink, const Interface& interface,
                                   const common::PrefixedAddress& address);

/// Takes it off, whatever its prefix.
common::Result<Change> remove_address(Netlink& netlink, const Interface& interface,
                                      const common::IpAddress& address);

}  // namespace vrrp::link
