#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace booking::privacy {

/// Lower case.
std::string to_hex(std::span<const std::uint8_t> octets);
/// Nothing unless `text` is pairs of hexadecimal digits.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

}  // namespace booking::privacy
