#pragma once

#include "common/address.hpp"
#include "lb/filters/filter.hpp"

#include <cstdint>
#include <string>

namespace lb::filters {

/// Who counts as one client.
struct ClientKey {
  enum class Kind : std::uint8_t { Address, Field, Cookie } kind{Kind::Address};
  std::string name{};  // of the field, in lower case, or the cookie
};

/// The address, or of IPv6 the /64 around it: one client has all of those to choose from.
common::IpAddress client_network(const common::IpAddress& address);

/// 64 bits of SipHash under a key of this process: who does not know it cannot make two clients
/// meet in a table. A request without the field or cookie goes by its address.
std::uint64_t hash_of(const ClientKey& key, const Request& request);

}  // namespace lb::filters
