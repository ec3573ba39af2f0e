#pragma once

#include "common/time.hpp"
#include "vrrpd/packet/receive_checks.hpp"

#include <array>
#include <cstdint>

namespace vrrp::daemon {

/// Of one Virtual Router, since the start.
struct RouterCounters {
  std::uint64_t sent{0};
  std::uint64_t received{0};  // those that passed the receive checks
  std::uint64_t announcements{0};
  std::uint64_t addresses_restored{0};  // taken away by somebody else while Active, put back
  std::uint64_t addresses_refused{0};   // times the kernel would not take one
  std::uint64_t routes_restored{0};     // as the addresses
  std::uint64_t routes_refused{0};
  std::uint64_t rules_restored{0};   // tables of nftables, as the addresses
  std::uint64_t rival_claims{0};     // of our addresses by another station, while Active
  std::uint64_t vrid_collisions{0};  // advertisements of another group under our VRID
  std::uint64_t interval_mismatches{0};
  std::uint64_t address_mismatches{0};
  std::uint64_t failures{0};                   // sends and address changes that the kernel refused
  std::array<std::uint64_t, 3> transitions{};  // into the state of that number
  common::WallTime last_transition{};
};

/// Of one interface: a refused advertisement belongs to no router.
struct SegmentCounters {
  std::array<std::uint64_t, packet::kRefusals> discarded{};
};

}  // namespace vrrp::daemon
