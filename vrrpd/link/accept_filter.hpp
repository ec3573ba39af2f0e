#pragma once

#include "common/address.hpp"
#include "vrrpd/packet/types.hpp"

#include <string>
#include <vector>

namespace vrrp::link {

/// Accept_Mode false (RFC 9568 §6.1): packets to the addresses are not for this node, though they
/// stand on it.
struct AcceptFilter {
  std::string interface;
  Vrid vrid;
  std::vector<common::IpAddress> addresses;  // of one family
};

/// The table for nft(8): what is addressed to them is dropped, but for neighbour solicitations and
/// advertisements, which are never dropped, and for this node's own
/// processes. ARP is answered as ever.
std::string accept_filter_ruleset(const AcceptFilter& filter);
std::string accept_filter_table(const std::string& interface, Vrid vrid);
/// Cheap, and no fault where there is none.
void remove_accept_filter(const AcceptFilter& filter);

}  // namespace vrrp::link
