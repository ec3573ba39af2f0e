#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace booking::store {

std::array<std::uint8_t, 32> sha256(std::string_view text);

}  // namespace booking::store
