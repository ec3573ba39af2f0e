#include "vrrpd/config/readers.hpp"

#include <algorithm>

namespace vrrp::config {

using common::ConfigNode;
using daemon::RouterOptions;

namespace {

constexpr std::size_t kMostRoutes = 16;

bool has_host_bits(const common::PrefixedAddress& network) {
  const auto& octets = network.ip.octets();
  const std::size_t bits = network.ip.is_v6() ? 128 : 32;
  for (std::size_t bit = network.prefix; bit < bits; ++bit)
    if ((octets[bit / 8] >> (7 - bit % 8) & 1) != 0) return true;
  return false;
}

/// Nothing, and a fault, when it is none.
std::optional<common::PrefixedAddress> read_network(const ConfigNode& node, bool ipv6) {
  std::string text;
  node.require("to", text);
  if (text == "default")
    return common::PrefixedAddress{.ip = *common::IpAddress::parse(ipv6 ? "::" : "0.0.0.0"),
                                   .prefix = 0};
  if (text.empty()) return std::nullopt;
  const auto read = common::PrefixedAddress::parse(text);
  if (!read || has_host_bits(*read)) {
    node.fault("to", '"' + text + "\" is no network",
               "a network without host bits such as 10.8.0.0/16, or default");
    return std::nullopt;
  }
  if (read->ip.is_v6() == ipv6) return read;
  node.fault("to", text + " is not of the family of the addresses", "a network of their family");
  return std::nullopt;
}

void check_family(const ConfigNode& node, std::string_view key, bool ipv6,
                  const std::optional<common::IpAddress>& address) {
  if (address && address->is_v6() != ipv6)
    node.fault(key, address->to_string() + " is not of the family of the addresses",
               "an address of their family");
}

}  // namespace

void read_routes(const ConfigNode& node, RouterOptions& router) {
  const auto items = node.items("routes", 0, kMostRoutes);
  if (router.addresses.empty()) return;  // a fault that was told
  const bool ipv6 = router.family() == Family::V6;
  for (const auto& item : items) {
    link::Route route;
    const auto network = read_network(item, ipv6);
    item.read("via", route.via);
    check_family(item, "via", ipv6, route.via);
    item.read("source", route.source);
    check_family(item, "source", ipv6, route.source);
    item.read("metric", route.metric);
    item.read("table", route.table, {1, std::numeric_limits<std::uint32_t>::max()});
    if (!network) continue;
    route.to = *network;
    if (route.to.prefix == 0 && !route.via)
      item.fault("via", "a default route leads to somebody", "the address of a gateway");
    const bool twice = std::ranges::any_of(router.routes, [&](const link::Route& other) {
      return other.to == route.to && other.metric == route.metric && other.table == route.table;
    });
    if (twice)
      item.fault("to", route.to_string() + " stands here twice", "another metric or table for it");
    router.routes.push_back(route);
  }
}

}  // namespace vrrp::config
