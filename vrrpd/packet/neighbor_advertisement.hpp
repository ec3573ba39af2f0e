#pragma once

#include "common/address.hpp"
#include "vrrpd/packet/types.hpp"

#include <array>
#include <cstdint>

namespace vrrp::packet {

using NeighborAdvertisementFrame = std::array<std::uint8_t, 86>;

/// An unsolicited neighbour advertisement to all nodes that says `address` (IPv6) is at `mac`
/// (RFC 4861 §4.4, §7.2.6), with the Router and the Override flag (RFC 9568 §6.4.2).
NeighborAdvertisementFrame neighbor_advertisement(const common::IpAddress& address,
                                                  const MacAddress& mac);

}  // namespace vrrp::packet
