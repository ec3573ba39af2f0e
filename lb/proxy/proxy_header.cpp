#include "lb/proxy/proxy_header.hpp"

#include <algorithm>

namespace lb::proxy {

std::optional<ProxyHeader> proxy_header_of(const net::ProxyHeaderOptions& options,
                                           const common::IpAddress& peer) {
  if (options.from.empty()) return ProxyHeader::None;
  const bool believed = std::any_of(options.from.begin(), options.from.end(),
                                    [&](const auto& network) { return network.contains(peer); });
  if (believed) return options.required ? ProxyHeader::Required : ProxyHeader::Optional;
  if (options.required) return std::nullopt;
  return ProxyHeader::None;
}

}  // namespace lb::proxy
