#pragma once

#include "common/result.hpp"
#include "vrrpd/packet/advertisement.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace vrrp::packet {

/// A datagram of protocol 112 as it came in, IP header taken off.
struct Datagram {
  common::IpAddress source;
  common::IpAddress destination;
  std::uint8_t time_to_live{0};
  common::Octets message;  // valid during the call it is given to
};

/// Why an advertisement is not obeyed, in the order of the checks. Each is a label of
/// `vrrpd_advertisements_discarded_total`.
enum class Refusal : std::uint8_t {
  TimeToLive,    // not 255: it has crossed a router
  Version,       // not 3
  Type,          // not ADVERTISEMENT
  Length,        // shorter than its own count of addresses says
  Checksum,      // right in neither form
  Vrid,          // no Virtual Router of that number on the interface
  AddressCount,  // 0 (erratum 8299)
  Interval,      // 0 (erratum 8301); more than 4095 cannot be written
  Destination,   // not 224.0.0.18 (§5.1.1.2)
  OwnSource,     // it bears our own primary address: an echo, or a forgery
};
inline constexpr std::size_t kRefusals = 10;

/// `time_to_live`, `version`, … as in the metric.
std::string_view name(Refusal refusal);

/// The receive checks of RFC 9568 §7.1 in its order, then those of its errata. Octets after the
/// addresses are allowed. `configured` are the Virtual Routers of the receiving interface, `own`
/// its primary address.
common::Result<Advertisement, Refusal> check(const Datagram& datagram,
                                             std::span<const Vrid> configured,
                                             const common::IpAddress& own);

}  // namespace vrrp::packet
