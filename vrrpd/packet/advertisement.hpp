#pragma once

#include "common/address.hpp"
#include "common/bytes.hpp"
#include "vrrpd/packet/checksum.hpp"
#include "vrrpd/packet/types.hpp"

#include <cstdint>
#include <vector>

namespace vrrp::packet {

inline constexpr std::uint8_t kVersion = 3;
inline constexpr std::uint8_t kTypeAdvertisement = 1;
inline constexpr std::size_t kFixedOctets = 8;      // before the addresses
inline constexpr std::size_t kMostAddresses = 255;  // the count is one octet

/// 224.0.0.18 (RFC 9568 §5.1.1.2).
common::IpAddress multicast_group();

/// A VRRPv3 advertisement for IPv4 (RFC 9568 §5.1, §5.2).
struct Advertisement {
  Vrid vrid;
  Priority priority;
  Centiseconds max_advertise_interval{100};
  std::vector<common::IpAddress> addresses;  // 1..kMostAddresses, IPv4

  bool operator==(const Advertisement&) const = default;
};

/// The octets after the IP header. `source` is the primary address it will be sent from: the pseudo
/// header contains it.
std::vector<std::uint8_t> encode(const Advertisement& advertisement, ChecksumForm form,
                                 const common::IpAddress& source);

}  // namespace vrrp::packet
