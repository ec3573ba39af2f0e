#pragma once

#include "common/address.hpp"
#include "common/bytes.hpp"
#include "vrrpd/packet/types.hpp"

#include <optional>
#include <vector>

namespace vrrp::packet {

/// Somebody on the LAN says that `address` is at `mac`.
struct NeighborClaim {
  common::IpAddress address;
  MacAddress mac{};
  bool operator==(const NeighborClaim&) const = default;
};

/// What a whole Ethernet frame claims: the sender of any ARP message (RFC 826), the target of a
/// neighbour advertisement (RFC 4861 §4.4). Nothing for any other frame, for one that is cut, and
/// for a question that claims no address.
std::optional<NeighborClaim> neighbor_claim(common::Octets frame);

/// The question that only another owner of `address` answers: an ARP probe (RFC 5227 §2.1.1), or
/// the neighbour solicitation of duplicate address detection (RFC 4862 §5.4.2).
std::vector<std::uint8_t> ownership_probe(const common::IpAddress& address, const MacAddress& own);

}  // namespace vrrp::packet
