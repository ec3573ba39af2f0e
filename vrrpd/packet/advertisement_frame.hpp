#pragma once

#include "common/address.hpp"
#include "common/bytes.hpp"
#include "vrrpd/packet/types.hpp"

#include <vector>

namespace vrrp::packet {

/// A whole Ethernet frame to the multicast group of the family with an advertisement in it, which
/// stands in `message` with its checksum. Its source is `mac` (RFC 9568 §7.3): what a socket of the
/// IP layer cannot say. TTL or hop limit 255, IP precedence as routing protocols use it.
std::vector<std::uint8_t> advertisement_frame(common::Octets message,
                                              const common::IpAddress& source,
                                              const MacAddress& mac);

}  // namespace vrrp::packet
