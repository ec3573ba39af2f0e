#include "vrrpd/link/macvlan.hpp"

#include "vrrpd/link/nft.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

namespace vrrp::link {
namespace {

ifinfomsg* link_request(Netlink& netlink, nlmsghdr*& header, std::uint16_t type,
                        std::uint16_t flags, int index) {
  header = netlink.request(type, static_cast<std::uint16_t>(NLM_F_ACK | flags));
  auto* const body = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(header, sizeof(ifinfomsg)));
  body->ifi_index = index;
  return body;
}

common::Result<void> but(const common::Result<void>& answer, int no_fault) {
  if (answer || answer.error().value() != no_fault) return answer;
  return {};
}

/// What the kernel does not take while it makes the device.
common::Result<void> configure(Netlink& netlink, const std::string& name) {
  nlmsghdr* header = nullptr;
  link_request(netlink, header, RTM_NEWLINK, 0, 0);
  mnl_attr_put_strz(header, IFLA_IFNAME, name.c_str());
  auto* const families = mnl_attr_nest_start(header, IFLA_AF_SPEC);
  auto* const ipv4 = mnl_attr_nest_start(header, AF_INET);
  auto* const settings = mnl_attr_nest_start(header, IFLA_INET_CONF);
  mnl_attr_put_u32(header, IPV4_DEVCONF_ARP_IGNORE, 1);
  mnl_attr_put_u32(header, IPV4_DEVCONF_RP_FILTER, 0);
  mnl_attr_nest_end(header, settings);
  mnl_attr_nest_end(header, ipv4);
  auto* const ipv6 = mnl_attr_nest_start(header, AF_INET6);
  mnl_attr_put_u8(header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  mnl_attr_nest_end(header, ipv6);
  mnl_attr_nest_end(header, families);
  return netlink.acknowledged();
}

}  // namespace

std::string macvlan_name(Vrid vrid, Family family, int interface_index) {
  return fmt::format("vm{}.{}.{:x}", family == Family::V6 ? 6 : 4, vrid.value,
                     static_cast<unsigned>(interface_index));
}

/// Bridge mode: frames of another router with the same MAC address, its advertisements, are still
/// heard on the interface below. In private mode the device would keep them.
common::Result<void> create_macvlan(Netlink& netlink, const std::string& name, int interface_index,
                                    const MacAddress& mac) {
  nlmsghdr* header = nullptr;
  link_request(netlink, header, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
  mnl_attr_put_strz(header, IFLA_IFNAME, name.c_str());
  mnl_attr_put_u32(header, IFLA_LINK, static_cast<std::uint32_t>(interface_index));
  mnl_attr_put(header, IFLA_ADDRESS, mac.size(), mac.data());
  auto* const info = mnl_attr_nest_start(header, IFLA_LINKINFO);
  mnl_attr_put_strz(header, IFLA_INFO_KIND, "macvlan");
  auto* const data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
  mnl_attr_put_u32(header, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
  mnl_attr_nest_end(header, data);
  mnl_attr_nest_end(header, info);
  if (const auto made = but(netlink.acknowledged(), EEXIST); !made) return made;
  return configure(netlink, name);
}

common::Result<void> set_link_up(Netlink& netlink, int index, bool up) {
  nlmsghdr* header = nullptr;
  auto* const body = link_request(netlink, header, RTM_NEWLINK, 0, index);
  body->ifi_change = IFF_UP;
  body->ifi_flags = up ? IFF_UP : 0;
  return netlink.acknowledged();
}

common::Result<void> delete_link(Netlink& netlink, int index) {
  nlmsghdr* header = nullptr;
  link_request(netlink, header, RTM_DELLINK, 0, index);
  return but(netlink.acknowledged(), ENODEV);
}

std::string virtual_mac_table(const std::string& interface, Vrid vrid) {
  return fmt::format("mainstay_vmac_{}_{}", vrid.value, nft_word(interface));
}

std::string virtual_mac_ruleset(const VirtualMacRules& rules) {
  const auto table = virtual_mac_table(rules.interface, rules.vrid);
  std::string addresses;
  std::string questions;
  for (const auto& address : rules.addresses) {
    addresses += (addresses.empty() ? "" : ", ") + address.to_string();
    questions += fmt::format("    oifname \"{}\" arp saddr ip {} arp saddr ip set {}\n",
                             rules.interface, address.to_string(), rules.own.to_string());
  }
  // "add" first, so that a table which is not there is no fault.
  return fmt::format("add table arp {0}\ndelete table arp {0}\n", table) +
         fmt::format(R"(table arp {0} {{
  comment "vrrpd: the virtual addresses are found by the virtual MAC address alone"
  chain in {{
    type filter hook input priority filter; policy accept;
    iifname "{1}" arp daddr ip {{ {2} }} drop
  }}
  chain out {{
    type filter hook output priority filter; policy accept;
{3}  }}
}}
)",
                     table, rules.interface, addresses, questions);
}

void remove_virtual_mac_rules(const std::string& interface, Vrid vrid) {
  delete_nft_table(NftFamily::Arp, virtual_mac_table(interface, vrid));
}

}  // namespace vrrp::link
