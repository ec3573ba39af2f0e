#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace common {

using Octets = std::span<const std::uint8_t>;

/// Network order (big-endian) out of exactly `sizeof(Int)` octets.
template <std::unsigned_integral Int>
constexpr Int load_big_endian(std::span<const std::uint8_t, sizeof(Int)> octets) {
  Int value = 0;
  for (const auto octet : octets) value = static_cast<Int>((value << 8U) | octet);
  return value;
}

template <std::unsigned_integral Int>
constexpr std::array<std::uint8_t, sizeof(Int)> to_big_endian(Int value) {
  std::array<std::uint8_t, sizeof(Int)> octets{};
  for (std::size_t i = sizeof(Int); i-- > 0;) {
    octets[i] = static_cast<std::uint8_t>(value & 0xFFU);
    if constexpr (sizeof(Int) > 1) value = static_cast<Int>(value >> 8U);
  }
  return octets;
}

/// Reads network-order integers off the front of foreign octets; never past their end.
class OctetReader {
 public:
  explicit constexpr OctetReader(Octets octets) : rest_{octets} {}

  /// The next integer, or nothing (and nothing consumed) when too few octets are left.
  template <std::unsigned_integral Int>
  constexpr std::optional<Int> read() {
    if (rest_.size() < sizeof(Int)) return std::nullopt;
    const Int value = load_big_endian<Int>(rest_.first<sizeof(Int)>());
    rest_ = rest_.subspan(sizeof(Int));
    return value;
  }

  constexpr Octets rest() const { return rest_; }

 private:
  Octets rest_;
};

/// Appends network-order integers to a container of octets (`std::vector`, `static_vector`).
template <std::unsigned_integral Int, class Container>
constexpr void append_big_endian(Container& out, Int value) {
  const auto octets = to_big_endian(value);
  out.insert(out.end(), octets.begin(), octets.end());
}

}  // namespace common
