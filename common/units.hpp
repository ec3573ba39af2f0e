#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace common {

/// A number of octets, so that a limit cannot be mixed up with a count.
struct Bytes {
  std::uint64_t value{0};
  auto operator<=>(const Bytes&) const = default;
};

/// A whole number with one unit of us, ms, s, m, h: `250ms`, `2s`. Nothing else: no sign, blank or
/// bare number.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// A whole number of octets, bare or with one unit of B, KiB, MiB, GiB: `64KiB`.
std::optional<Bytes> parse_bytes(std::string_view text);

/// In the largest unit that keeps it whole: `250ms`, `2s`.
std::string format_duration(std::chrono::nanoseconds duration);
std::string format_bytes(Bytes bytes);

}  // namespace common
