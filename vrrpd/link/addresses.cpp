#include "vrrpd/link/addresses.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

namespace vrrp::link {
namespace {

void put_address(nlmsghdr* header, std::uint16_t type, const common::IpAddress& ip) {
  mnl_attr_put(header, type, ip.is_v6() ? sizeof(in6_addr) : sizeof(in_addr), ip.octets().data());
}

nlmsghdr* address_request(Netlink& netlink, std::uint16_t type, std::uint16_t flags, int index,
                          const common::PrefixedAddress& address) {
  auto* const header = netlink.request(type, static_cast<std::uint16_t>(NLM_F_ACK | flags));
  auto* const body = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(ifaddrmsg)));
  body->ifa_family = address.ip.is_v6() ? AF_INET6 : AF_INET;
  body->ifa_prefixlen = address.prefix;
  body->ifa_scope = RT_SCOPE_UNIVERSE;
  body->ifa_index = static_cast<std::uint32_t>(index);
  put_address(header, IFA_LOCAL, address.ip);
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

/// Deprecated from the start (RFC 4862 §5.5.4): valid for what is sent to it, and no source for
/// connections of this host, which would break when the address moves.
void put_deprecated(nlmsghdr* header) {
  constexpr std::uint32_t kForEver = 0xFFFFFFFF;
  const ifa_cacheinfo lifetime{.ifa_prefered = 0, .ifa_valid = kForEver, .cstamp = 0, .tstamp = 0};
  mnl_attr_put(header, IFA_CACHEINFO, sizeof(lifetime), &lifetime);
}

/// The kernel finds an IPv6 address by its prefix, too.
std::uint8_t prefix_on(const Interface& interface, const common::PrefixedAddress& address) {
  const auto found =
      std::ranges::find(interface.addresses, address.ip, &common::PrefixedAddress::ip);
  return found == interface.addresses.end() ? address.prefix : found->prefix;
}

}  // namespace

common::Result<Change> add_address(Netlink& netlink, const Interface& interface,
                                   const common::PrefixedAddress& address) {
  auto* const header =
      address_request(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, interface.index, address);
  put_address(header, IFA_ADDRESS, address.ip);
  std::uint32_t flags = stands_in_known_network(interface, address) ? IFA_F_NOPREFIXROUTE : 0;
  if (address.ip.is_v6()) {
    flags |= IFA_F_NODAD;
    put_deprecated(header);
  }
  if (flags != 0) mnl_attr_put_u32(header, IFA_FLAGS, flags);
  return outcome(netlink.acknowledged(), EEXIST);
}

common::Result<Change> remove_address(Netlink& netlink, const Interface& interface,
                                      const common::PrefixedAddress& address) {
  const auto prefix = address.ip.is_v6() ? prefix_on(interface, address) : std::uint8_t{32};
  address_request(netlink, RTM_DELADDR, 0, interface.index, {address.ip, prefix});
  return outcome(netlink.acknowledged(), EADDRNOTAVAIL);
}

}  // namespace vrrp::link
