#include "vrrpd/link/routes.hpp"

#include <cerrno>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

namespace vrrp::link {
namespace {

void put_address(nlmsghdr* header, std::uint16_t type, const common::IpAddress& ip) {
  mnl_attr_put(header, type, ip.is_v6() ? sizeof(in6_addr) : sizeof(in_addr), ip.octets().data());
}

bool is_link_local(const common::IpAddress& address) {
  return common::PrefixedAddress{*common::IpAddress::parse("fe80::"), 10}.contains(address);
}

/// A next hop is found by its own network; only on an interface it is not unique everywhere.
bool needs_interface(const Route& route) { return !route.via || is_link_local(*route.via); }

void put_route(Netlink& netlink, std::uint16_t type, std::uint16_t flags,
               const Interface& interface, const Route& route) {
  auto* const header = netlink.request(type, static_cast<std::uint16_t>(NLM_F_ACK | flags));
  auto* const body = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(rtmsg)));
  body->rtm_family = route.to.ip.is_v6() ? AF_INET6 : AF_INET;
  body->rtm_dst_len = route.to.prefix;
  body->rtm_table = RT_TABLE_UNSPEC;  // said below: an octet does not hold every number
  body->rtm_protocol = kRouteProtocol;
  body->rtm_scope = route.via || route.to.ip.is_v6() ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  body->rtm_type = RTN_UNICAST;
  mnl_attr_put_u32(header, RTA_TABLE, route.table);
  if (route.to.prefix != 0) put_address(header, RTA_DST, route.to.ip);
  if (route.via) put_address(header, RTA_GATEWAY, *route.via);
  if (route.source) put_address(header, RTA_PREFSRC, *route.source);
  if (route.metric != 0) mnl_attr_put_u32(header, RTA_PRIORITY, route.metric);
  if (needs_interface(route))
    mnl_attr_put_u32(header, RTA_OIF, static_cast<std::uint32_t>(interface.index));
}

common::Result<Change> outcome(const common::Result<void>& answer, int already) {
  if (answer) return Change::Made;
  if (answer.error().value() == already) return Change::AlreadySo;
  return answer.error();
}

}  // namespace

std::string Route::to_string() const {
  auto text = to.prefix == 0 ? std::string{"default"} : to.to_string();
  if (via) text += " via " + via->to_string();
  if (source) text += " src " + source->to_string();
  if (metric != 0) text += " metric " + std::to_string(metric);
  if (table != RT_TABLE_MAIN) text += " table " + std::to_string(table);
  return text;
}

common::Result<Change> add_route(Netlink& netlink, const Interface& interface, const Route& route) {
  put_route(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, interface, route);
  return outcome(netlink.acknowledged(), EEXIST);
}

common::Result<Change> remove_route(Netlink& netlink, const Interface& interface,
                                    const Route& route) {
  put_route(netlink, RTM_DELROUTE, 0, interface, route);
  return outcome(netlink.acknowledged(), ESRCH);
}

common::Result<Change> claim_route(Netlink& netlink, const Interface& interface,
                                   const Route& route) {
  const auto added = add_route(netlink, interface, route);
  if (!added || *added == Change::Made) return added;
  if (const auto removed = remove_route(netlink, interface, route); !removed) return removed;
  const auto again = add_route(netlink, interface, route);
  if (again && *again == Change::AlreadySo)
    return boost::system::errc::make_error_code(boost::system::errc::file_exists);
  return again;
}

}  // namespace vrrp::link
