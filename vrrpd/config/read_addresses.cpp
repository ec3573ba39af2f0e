#include "vrrpd/config/readers.hpp"
#include "vrrpd/packet/advertisement.hpp"

#include <algorithm>

namespace vrrp::config {

using common::ConfigNode;
using daemon::RouterOptions;

namespace {

constexpr std::size_t kMostPeers = 16;

bool is_link_local(const common::IpAddress& address) {
  return common::PrefixedAddress{*common::IpAddress::parse("fe80::"), 10}.contains(address);
}

std::optional<common::PrefixedAddress> read_address(const ConfigNode& item,
                                                    const RouterOptions& router) {
  const auto text = item.text();
  if (!text) return std::nullopt;
  const auto address = common::PrefixedAddress::parse(*text);
  if (!address) {
    item.fault("", '"' + *text + "\" cannot be used",
               "an address with its prefix such as 192.168.10.100/24 or fe80::100/64");
    return std::nullopt;
  }
  const auto& before = router.addresses;
  if (std::ranges::find(before, address->ip, &common::PrefixedAddress::ip) != before.end())
    item.fault("", *text + " stands here twice", "each address once");
  if (before.empty() && address->ip.is_v6() && !is_link_local(address->ip))
    item.fault("", "the first IPv6 address of a Virtual Router is link-local (RFC 9568 §5.2.9)",
               "fe80::100/64 before " + *text);
  if (!before.empty() && before.front().ip.is_v6() != address->ip.is_v6())
    item.fault("", *text + " is not of the family of the first address",
               "a router of its own for it, of the same VRID if you like");
  return address;
}

}  // namespace

void read_addresses(const ConfigNode& node, RouterOptions& router) {
  const auto items = node.items("addresses", 1, packet::kMostAddresses);
  for (const auto& item : items)
    if (const auto address = read_address(item, router)) router.addresses.push_back(*address);
  if (router.addresses.size() > packet::kMostIpv6Addresses && router.family() == Family::V6)
    node.fault("addresses",
               std::to_string(router.addresses.size()) + " do not fit one advertisement",
               "at most " + std::to_string(packet::kMostIpv6Addresses) + " IPv6 addresses");
}

void read_unicast(const ConfigNode& node, RouterOptions& router) {
  if (!node.has("unicast")) return;
  const auto unicast = node.section("unicast");
  for (const auto& item : unicast.items("peers", 1, kMostPeers)) {
    const auto text = item.text();
    if (!text) continue;
    const auto peer = common::IpAddress::parse(*text);
    if (!peer) {
      item.fault("", '"' + *text + "\" cannot be used", "an IP address such as 192.168.10.12");
      continue;
    }
    if (!router.addresses.empty() && packet::family_of(*peer) != router.family())
      item.fault("", *text + " is not of the family of the addresses", "a peer of their family");
    if (std::ranges::find(router.peers, *peer) != router.peers.end())
      item.fault("", *text + " stands here twice", "each peer once");
    router.peers.push_back(*peer);
  }
  unicast.read("least_ttl", router.least_time_to_live, common::Range<std::uint8_t>{1, 255});
}

}  // namespace vrrp::config
