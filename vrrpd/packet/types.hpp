#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>

namespace vrrp {

/// Unit of every interval on the wire (RFC 9568 §5.2.7): 1/100 s.
using Centiseconds = std::chrono::duration<std::int64_t, std::centi>;

/// What Max_Advertise_Interval can hold: 12 bits, and never 0 (erratum 8301).
inline constexpr Centiseconds kShortestInterval{1};
inline constexpr Centiseconds kLongestInterval{4095};

enum class Family : std::uint8_t { V4, V6 };

/// RFC 9568, or RFC 3768 for a peer that knows nothing else (IPv4 alone).
enum class Version : std::uint8_t { V2 = 2, V3 = 3 };

struct Vrid {
  std::uint8_t value{1};  // 1..255 (§5.2.3)
  auto operator<=>(const Vrid&) const = default;
};

struct Priority {
  std::uint8_t value{100};  // 1..254; 255 owner, 0 resigns (§5.2.4)
  auto operator<=>(const Priority&) const = default;
};
inline constexpr Priority kOwner{255};
inline constexpr Priority kResigning{0};

using MacAddress = std::array<std::uint8_t, 6>;

}  // namespace vrrp
