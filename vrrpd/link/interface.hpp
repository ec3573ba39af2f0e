#pragma once

#include "common/address.hpp"
#include "vrrpd/link/netlink.hpp"
#include "vrrpd/packet/types.hpp"

#include <string>
#include <vector>

namespace vrrp::link {

/// A network interface as the kernel sees it now.
struct Interface {
  int index{0};         // 0: there is none of that name
  bool running{false};  // up, and its carrier is there
  MacAddress mac{};
  /// In the kernel's order; no IPv6 address that is not yet, or was not, found unique.
  std::vector<common::PrefixedAddress> addresses;
};

/// An interface that does not exist is not an error: it may come.
common::Result<Interface> read_interface(Netlink& netlink, const std::string& name);

}  // namespace vrrp::link
