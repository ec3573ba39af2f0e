#pragma once

#include "common/address.hpp"
#include "vrrpd/packet/types.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vrrp::link {

/// What two nodes that share connections to the virtual addresses must know of each other.
struct DiversionOptions {
  std::string interface;
  Vrid vrid;
  std::vector<common::IpAddress> addresses;  // virtual, of one family
  common::IpAddress peer;                    // the other node's primary address
  MacAddress peer_mac{};
  std::string device{};  // with a virtual MAC address, what is sent to it arrives there; else empty
};

/// The table for nft(8): a TCP segment for the addresses that belongs to no socket of this node and
/// opens no connection is sent on to the peer, unless it comes from there. New connections are this
/// node's. The kernel takes 1 of the TTL on the way, so that nothing can go in circles.
std::string diversion_ruleset(const DiversionOptions& options);
std::string diversion_removal(const std::string& interface, Vrid vrid, Family family);
std::string diversion_table(const std::string& interface, Vrid vrid);

/// Keeps a node from being found at addresses that it still has, without a word to sysctl.
struct SilenceOptions {
  std::string interface;
  Vrid vrid;
  std::vector<common::IpAddress> addresses;  // of one family
  common::IpAddress own;                     // the node's primary address
  std::string device{};                      // as above
};

/// The table for nft(8): nobody who asks for the addresses by ARP or neighbour solicitation is
/// answered, and what the kernel itself asks it asks from the primary address, for a question
/// teaches its reader, too.
std::string silence_ruleset(const SilenceOptions& options);
std::string silence_removal(const std::string& interface, Vrid vrid, Family family);
std::string silence_table(const std::string& interface, Vrid vrid);

}  // namespace vrrp::link
