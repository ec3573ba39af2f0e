#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lb::telemetry {

/// W3C Trace Context §3.2: to which trace a request belongs and who asked for it.
struct TraceContext {
  static constexpr std::uint8_t kSampled = 0x01;
  static constexpr std::uint8_t kRandom = 0x02;  // level 2: the identifier is random

  std::array<char, 32> trace_id{};   // hexadecimal, lower case, not all 0
  std::array<char, 16> parent_id{};  // of the span that asks; the same
  std::uint8_t flags{0};             // only those above

  bool sampled() const { return (flags & kSampled) != 0; }
  std::string_view trace() const { return {trace_id.data(), trace_id.size()}; }
  std::string_view parent() const { return {parent_id.data(), parent_id.size()}; }
  bool operator==(const TraceContext&) const = default;
};

/// The value of a `traceparent` field (§3.2.2, later versions by §3.2.4); nothing when it is
/// malformed and a new trace must begin.
std::optional<TraceContext> parse_traceparent(std::string_view value);

/// As `traceparent` in version 00.
using TraceparentText = std::array<char, 55>;
TraceparentText format_traceparent(const TraceContext& context);

/// The values of all `tracestate` fields as one, to be passed on (§3.3): empty when there is none,
/// when they are malformed or name a key twice; when it is longer than `kLongestTracestate`, large
/// members go first, then those at the end (§3.3.1.5). `memory` holds the text where it is not one
/// of the values as it came.
inline constexpr std::size_t kLongestTracestate = 512;
inline constexpr std::size_t kMostTracestateMembers = 32;
std::string_view join_tracestate(std::span<const std::string_view> values, std::string& memory);

/// `digits.size()` lower-case hexadecimal digits, the lowest of `bits` first.
void write_hex(std::uint64_t bits, std::span<char> digits);

}  // namespace lb::telemetry
