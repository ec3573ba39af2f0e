#include "vrrpd/link/interface.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
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

int take_local_address(const nlattr* attribute, void* context) {
  if (mnl_attr_get_type(attribute) == IFA_LOCAL &&
      mnl_attr_get_payload_len(attribute) == sizeof(std::uint32_t))
    static_cast<common::PrefixedAddress*>(context)->ip =
        common::IpAddress::v4(ntohl(mnl_attr_get_u32(attribute)));
  return MNL_CB_OK;
}

void take_address(const nlmsghdr* message, Interface& interface) {
  if (message->nlmsg_type != RTM_NEWADDR) return;
  const auto* const body = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
  if (body->ifa_family != AF_INET || std::cmp_not_equal(body->ifa_index, interface.index)) return;
  common::PrefixedAddress address{.ip = {}, .prefix = body->ifa_prefixlen};
  mnl_attr_parse(message, sizeof(ifaddrmsg), take_local_address, &address);
  interface.addresses.push_back(address);
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
  body->ifa_family = AF_INET;
  body->ifa_index = static_cast<std::uint32_t>(interface.index);
  const auto read =
      netlink.dumped([&](const nlmsghdr* message) { take_address(message, interface); });
  if (!read) return read.error();
  return interface;
}

}  // namespace vrrp::link
