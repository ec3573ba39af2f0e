#include "vrrpd/link/addresses.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

namespace vrrp::link {
namespace {

nlmsghdr* address_request(Netlink& netlink, std::uint16_t type, std::uint16_t flags, int index,
                          const common::PrefixedAddress& address) {
  auto* const header = netlink.request(type, static_cast<std::uint16_t>(NLM_F_ACK | flags));
  auto* const body = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(ifaddrmsg)));
  body->ifa_family = AF_INET;
  body->ifa_prefixlen = address.prefix;
  body->ifa_scope = RT_SCOPE_UNIVERSE;
  body->ifa_index = static_cast<std::uint32_t>(index);
  mnl_attr_put_u32(header, IFA_LOCAL, htonl(address.ip.to_v4()));
  return header;
}

bool stands_in_known_network(const Interface& interface, const common::PrefixedAddress& address) {
  return std::ranges::any_of(interface.addresses, [&](const common::PrefixedAddress& other) {
    return other.ip != address.ip && other.prefix <= address.prefix && other.contains(address.ip);
  });
}

common::Result<Change> outcome(const common::Result<void>& answer, int already) {
  if (answer) return Change::Made;
  if (answer.error().value() == already) return Change::AlreadySo;
  return answer.error();
}

}  // namespace

common::Result<Change> add_address(Netlink& netlink, const Interface& interface,
                                   const common::PrefixedAddress& address) {
  auto* const header =
      address_request(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, interface.index, address);
  mnl_attr_put_u32(header, IFA_ADDRESS, htonl(address.ip.to_v4()));
  if (stands_in_known_network(interface, address))
    mnl_attr_put_u32(header, IFA_FLAGS, IFA_F_NOPREFIXROUTE);
  return outcome(netlink.acknowledged(), EEXIST);
}

common::Result<Change> remove_address(Netlink& netlink, const Interface& interface,
                                      const common::IpAddress& address) {
  address_request(netlink, RTM_DELADDR, 0, interface.index, {address, 32});
  return outcome(netlink.acknowledged(), EADDRNOTAVAIL);
}

}  // namespace vrrp::link
