#pragma once

#include "common/address.hpp"
#include "common/bytes.hpp"
#include "vrrpd/packet/checksum.hpp"
#include "vrrpd/packet/types.hpp"

#include <cstdint>
#include <vector>

namespace vrrp::packet {

inline constexpr std::uint8_t kTypeAdvertisement = 1;
inline constexpr std::size_t kFixedOctets = 8;      // before the addresses
inline constexpr std::size_t kMostAddresses = 255;  // the count is one octet
/// What fits one frame of 1500 octets beside the IPv6 header and an authentication trailer.
inline constexpr std::size_t kMostIpv6Addresses = 89;

/// 224.0.0.18 and ff02::12 (RFC 9568 §5.1.1.2, §5.1.2.2).
common::IpAddress multicast_group(Family family);

Family family_of(const common::IpAddress& address);
inline std::size_t octets_of_address(Family family) { return family == Family::V6 ? 16 : 4; }

/// An advertisement of VRRPv3 (RFC 9568 §5.1, §5.2) or of VRRPv2 (RFC 3768 §5.1, §5.3).
struct Advertisement {
  Version version{Version::V3};
  Vrid vrid;
  Priority priority;
  Centiseconds max_advertise_interval{100};  // VRRPv2: whole seconds
  std::vector<common::IpAddress> addresses;  // 1..kMostAddresses, all of one family

  bool operator==(const Advertisement&) const = default;
};

/// Octets of a message: fixed part, addresses, and the authentication data that VRRPv2 kept for old
/// receivers (RFC 3768 §5.3.10). What follows is a trailer.
std::size_t message_octets(Version version, Family family, std::size_t addresses);

/// The octets after the IP header. `source` is the primary address it will be sent from,
/// `destination` the group or the peer: a pseudo header contains both. VRRPv2 knows one form only
/// and takes no heed of `form`; nor does IPv6.
std::vector<std::uint8_t> encode(const Advertisement& advertisement, ChecksumForm form,
                                 const common::IpAddress& source,
                                 const common::IpAddress& destination);

/// Writes the checksum of `message` (the whole of it) into its field.
void seal(std::span<std::uint8_t> message, ChecksumForm form, const common::IpAddress& source,
          const common::IpAddress& destination);

}  // namespace vrrp::packet
