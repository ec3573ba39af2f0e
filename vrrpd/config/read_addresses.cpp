#include "vrrpd/config/readers.hpp"
#include "vrrpd/packet/advertisement.hpp"

#include <algorithm>

namespace vrrp::config {

void read_addresses(const common::ConfigNode& node, daemon::RouterOptions& router) {
  for (const auto& item : node.items("addresses", 1, packet::kMostAddresses)) {
    const auto text = item.text();
    if (!text) continue;
    const auto address = common::PrefixedAddress::parse(*text);
    if (!address || address->ip.is_v6()) {
      item.fault("", '"' + *text + "\" cannot be used",
                 "an IPv4 address with its prefix such as 192.168.10.100/24");
      continue;
    }
    const bool twice = std::ranges::any_of(
        router.addresses, [&](const auto& other) { return other.ip == address->ip; });
    if (twice) item.fault("", *text + " stands here twice", "each address once");
    router.addresses.push_back(*address);
  }
}

}  // namespace vrrp::config
