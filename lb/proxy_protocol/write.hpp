#pragma once

#include "common/address.hpp"

#include <cstdint>
#include <string>

namespace lb::proxy_protocol {

enum class Version : std::uint8_t { None, V1, V2 };

/// The header of a connection that carries requests of `source`, a client of ours at `destination`.
/// Of two families the one of version 1 says UNKNOWN.
std::string header_of(Version version, const common::SocketAddress& source,
                      const common::SocketAddress& destination);

/// The header of a connection of our own, such as a check: LOCAL, or UNKNOWN in version 1.
std::string local_header(Version version);

}  // namespace lb::proxy_protocol
