#include "vrrpd/link/interface.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <optional>
#include <utility>

namespace vrrp::link {
namespace {

int take_link_attribute(const nlattr* attribute, void* context) {
  auto& interface = *static_cast<Interface*>(context);
  if (mnl_attr_get_type(attribute) == IFLA_ADDRESS &&
      mnl_attr_get_payload_len(attribute) == interface.mac.size())
    std::copy_n(static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)),
                interface.mac.size(), interface.mac.begin());
  return MNL_CB_OK;
}

void take_link(const nlmsghdr* message, Interface& interface) {
  if (message->nlmsg_type != RTM_NEWLINK) return;
  const auto* const body = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  interface.index = body->ifi_index;
  interface.running = (body->ifi_flags & IFF_UP) != 0 && (body->ifi_flags & IFF_RUNNING) != 0;
  mnl_attr_parse(message, sizeof(ifinfomsg), take_link_attribute, &interface);
}

struct AddressAttributes {
  std::optional<common::IpAddress> ip;
  std::uint32_t flags{0};
};

/// IFA_LOCAL is the interface's own IPv4 address, IFA_ADDRESS its IPv6 address.
int take_address_attribute(const nlattr* attribute, void* context) {
  auto& found = *static_cast<AddressAttributes*>(context);
  const auto type = mnl_attr_get_type(attribute);
  const auto size = mnl_attr_get_payload_len(attribute);
  if (type == IFA_LOCAL && size == sizeof(std::uint32_t))
    found.ip = common::IpAddress::v4(ntohl(mnl_attr_get_u32(attribute)));
  if (type == IFA_ADDRESS && size == sizeof(in6_addr)) {
    std::array<std::uint8_t, sizeof(in6_addr)> octets{};
    std::memcpy(octets.data(), mnl_attr_get_payload(attribute), octets.size());
    found.ip = common::IpAddress::v6(octets);
  }
  if (type == IFA_FLAGS && size == sizeof(std::uint32_t)) found.flags = mnl_attr_get_u32(attribute);
  return MNL_CB_OK;
}

void take_address(const nlmsghdr* message, Interface& interface) {
  if (message->nlmsg_type != RTM_NEWADDR) return;
  const auto* const body = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
  if (std::cmp_not_equal(body->ifa_index, interface.index)) return;
  AddressAttributes found;
  mnl_attr_parse(message, sizeof(ifaddrmsg), take_address_attribute, &found);
  if (!found.ip || (found.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0) return;
  interface.addresses.push_back({.ip = *found.ip, .prefix = body->ifa_prefixlen});
}

}  // namespace

common::Result<Interface> read_interface(Netlink& netlink, const std::string& name) {
  Interface interface;
  auto* header = netlink.request(RTM_GETLINK, NLM_F_ACK);
  mnl_nlmsg_put_extra_header(header, sizeof(ifinfomsg));
  mnl_attr_put_strz(header, IFLA_IFNAME, name.c_str());
  const auto found =
      netlink.dumped([&](const nlmsghdr* message) { take_link(message, interface); });
  if (!found) {
    if (found.error().value() == ENODEV) return Interface{};
    return found.error();
  }

  header = netlink.request(RTM_GETADDR, NLM_F_DUMP);
  auto* const body = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(ifaddrmsg)));
  body->ifa_family = AF_UNSPEC;
  body->ifa_index = static_cast<std::uint32_t>(interface.index);
  const auto read =
      netlink.dumped([&](const nlmsghdr* message) { take_address(message, interface); });
  if (!read) return read.error();
  return interface;
}

}  // namespace vrrp::link
