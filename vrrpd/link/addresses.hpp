#pragma once

#include "common/address.hpp"
#include "vrrpd/link/interface.hpp"
#include "vrrpd/link/netlink.hpp"

namespace vrrp::link {

enum class Change { Made, AlreadySo };

/// Puts `address` on the interface. No second route to a network it already stands in. An IPv6
/// address comes without duplicate address detection, and this host never chooses it as a source.
common::Result<Change> add_address(Netlink& netlink, const Interface& interface,
                                   const common::PrefixedAddress& address);

/// Takes it off, whatever its prefix was when `interface` was read.
common::Result<Change> remove_address(Netlink& netlink, const Interface& interface,
                                      const common::PrefixedAddress& address);

}  // namespace vrrp::link
