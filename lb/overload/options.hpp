#pragma once

#include "common/address.hpp"
#include "common/units.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace lb::overload {

struct OverloadOptions {
  common::Bytes memory{0};  // resident; 0: what the control group allows, if it says
  std::chrono::milliseconds loop_lag{500};        // that lasts for a second; 0: whatever it is
  std::uint32_t connections_per_client{0};        // an IPv4 address or an IPv6 /64; 0: no limit
  std::vector<common::PrefixedAddress> exempt{};  // from that: proxies and gateways of many clients

  bool operator==(const OverloadOptions&) const = default;
};

}  // namespace lb::overload
