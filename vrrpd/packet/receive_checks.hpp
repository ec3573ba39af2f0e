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

/// A Virtual Router of the receiving interface, as far as the checks must know it.
struct Listener {
  Vrid vrid;
  Family family{Family::V4};
  Version version{Version::V3};
  Centiseconds advertisement_interval{100};    // VRRPv2 demands an equal one
  std::span<const common::IpAddress> peers{};  // unicast, and these alone; none: multicast
  std::uint8_t least_time_to_live{255};        // below 255 only for unicast across routers
};

/// Why an advertisement is not obeyed, in the order of the checks. Each is a label of
/// `vrrpd_advertisements_discarded_total`.
enum class Refusal : std::uint8_t {
  TimeToLive,          // not 255: it has crossed a router
  Version,             // neither 2 nor 3, or not the one that this Virtual Router speaks
  Type,                // not ADVERTISEMENT
  Length,              // shorter than its own count of addresses says
  Checksum,            // right in no form
  Vrid,                // no Virtual Router of that number on the interface
  AuthenticationType,  // VRRPv2: not 0 (RFC 3768 §7.1)
  AddressCount,        // 0 (erratum 8299)
  FirstAddress,        // IPv6: not link-local (erratum 8300)
  Interval,            // 0 (erratum 8301); VRRPv2: not ours
  Destination,         // not the group (§5.1.1.2, §5.1.2.2), or the group where peers are named
  Source,              // unicast, and from none of the peers
  OwnSource,           // it bears our own primary address: an echo, or a forgery
  // Of Authenticator::verify:
  Unsigned,    // no trailer, and one is demanded
  Trailer,     // not one that we know
  Stale,       // its clock is not within the window of ours
  UnknownKey,  // none of our keys
  Hmac,        // wrong: forged, altered, or another secret under this id
  Replay,      // not newer than the last of this sender
};
inline constexpr std::size_t kRefusals = 19;

/// `time_to_live`, `version`, … as in the metric.
std::string_view name(Refusal refusal);

/// The receive checks of RFC 9568 §7.1 in its order, then those of its errata and of unicast; for a
/// Virtual Router of VRRPv2 those of RFC 3768 §7.1. Octets after the addresses are allowed.
/// `listeners` are the Virtual Routers of the receiving interface, `own` its primary address.
common::Result<Advertisement, Refusal> check(const Datagram& datagram,
                                             std::span<const Listener> listeners,
                                             const common::IpAddress& own);

/// What of a checked datagram's octets is the message; a trailer follows.
common::Octets message_of(const Datagram& datagram);

}  // namespace vrrp::packet
