#pragma once

#include "common/address.hpp"
#include "lb/net/listener.hpp"

#include <cstdint>
#include <optional>

namespace lb::proxy {

/// What stands in front of the first request.
enum class ProxyHeader : std::uint8_t { None, Optional, Required };

/// Whether a client at `peer` begins with a header of the PROXY protocol; nothing when it must and
/// is not among those whose header is believed.
std::optional<ProxyHeader> proxy_header_of(const net::ProxyHeaderOptions& options,
                                           const common::IpAddress& peer);

}  // namespace lb::proxy
