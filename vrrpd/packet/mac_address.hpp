#pragma once

#include "vrrpd/packet/types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vrrp {

/// `02:00:00:00:00:0c`
std::string to_string(const MacAddress& mac);
std::optional<MacAddress> parse_mac(std::string_view text);

}  // namespace vrrp
