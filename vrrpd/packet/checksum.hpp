#pragma once

#include "common/address.hpp"
#include "common/bytes.hpp"

#include <cstdint>
#include <span>

namespace vrrp::packet {

/// What the checksum of an IPv4 advertisement covers. RFC 9568 §5.2.8 says the message alone; RFC
/// 5798 was read both ways, and keepalived, tcpdump and most free software include the pseudo
/// header. We send one form and accept both.
enum class ChecksumForm { PseudoHeader, MessageOnly };

/// The Internet checksum (RFC 1071) of `message`, whose own checksum field must read 0 (to make
/// one) or stand as received (the result is then 0 when it is right). Both addresses are of one
/// family; with IPv6 the pseudo header of RFC 8200 §8.1 is always covered.
std::uint16_t checksum(common::Octets message, ChecksumForm form, const common::IpAddress& source,
                       const common::IpAddress& destination);

/// With the pseudo header, for any protocol.
std::uint16_t checksum(common::Octets message, const common::IpAddress& source,
                       const common::IpAddress& destination, std::uint8_t protocol);

}  // namespace vrrp::packet
