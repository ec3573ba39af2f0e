#pragma once

#include "common/address.hpp"
#include "vrrpd/link/netlink.hpp"
#include "vrrpd/packet/types.hpp"

#include <string>
#include <vector>

namespace vrrp::link {

/// `vm4.51.2`: of a number and family on the interface of that index, in at most 15 characters. A
/// macvlan goes with its interface, so that the index tells whose it is.
std::string macvlan_name(Vrid vrid, Family family, int interface_index);

/// Makes a device of that name with an address of its own on an interface: it gets what is sent
/// there, and what is sent to everybody. It is down, has no address by itself, answers ARP for
/// addresses that stand on it alone, and takes packets whose way back leads through the interface
/// (unless `net.ipv4.conf.all.rp_filter` is 1). One that is there already is as good.
common::Result<void> create_macvlan(Netlink& netlink, const std::string& name, int interface_index,
                                    const MacAddress& mac);
common::Result<void> set_link_up(Netlink& netlink, int index, bool up);
/// One that is not there is no fault.
common::Result<void> delete_link(Netlink& netlink, int index);

/// Addresses that stand on a macvlan and are found by its MAC address alone.
struct VirtualMacRules {
  std::string interface;  // below the macvlan
  Vrid vrid;
  std::vector<common::IpAddress> addresses;  // IPv4
  common::IpAddress own;                     // the node's primary address
};

/// The table for nft(8): Linux answers ARP for any of its addresses on any interface; the interface
/// below says nothing of these, and when the kernel asks the LAN it asks in the name of the primary
/// address, since a question, too, teaches its reader a MAC address. IPv6 is strict by itself.
std::string virtual_mac_ruleset(const VirtualMacRules& rules);
std::string virtual_mac_table(const std::string& interface, Vrid vrid);
/// Cheap, and no fault where there is none.
void remove_virtual_mac_rules(const std::string& interface, Vrid vrid);

}  // namespace vrrp::link
