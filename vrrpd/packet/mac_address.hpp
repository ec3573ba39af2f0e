#pragma once

#include "vrrpd/packet/types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vrrp {

/// `02:00:00:00:00:0c`
std::string to_string(const MacAddress& mac);
std::optional<MacAddress> parse_mac(std::string_view text);
/// Of every Active Router of that number: 00-00-5E-00-01-VRID, of IPv6 00-00-5E-00-02-VRID. RFC
/// 9568 §7.3.
MacAddress virtual_mac(Vrid vrid, Family family);

}  // namespace vrrp
