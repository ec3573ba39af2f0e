#include "common/units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace common {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t worth;
};

// Smallest first; the first is what a value is counted in.
constexpr std::array kDurationUnits{Unit{"ns", 1},
                                    Unit{"us", 1'000},
                                    Unit{"ms", 1'000'000},
                                    Unit{"s", 1'000'000'000},
                                    Unit{"m", 60'000'000'000},
                                    Unit{"h", 3'600'000'000'000}};
constexpr std::array kByteUnits{Unit{"B", 1}, Unit{"KiB", 1U << 10U}, Unit{"MiB", 1U << 20U},
                                Unit{"GiB", 1U << 30U}};

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units) {
  std::uint64_t count = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view name{stop, static_cast<std::size_t>(end - stop)};
  for (const auto& unit : units) {
    if (unit.name != name) continue;
    if (count > std::numeric_limits<std::int64_t>::max() / unit.worth) return std::nullopt;
    return count * unit.worth;
  }
  return std::nullopt;
}

std::string format(std::uint64_t value, std::span<const Unit> units) {
  auto unit = units.front();
  for (const auto& larger : units)
    if (value != 0 && value % larger.worth == 0) unit = larger;
  return std::to_string(value / unit.worth).append(unit.name);
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto value = parse(text, std::span{kDurationUnits}.subspan(1));
  if (!value) return std::nullopt;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(*value)};
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  const bool bare = !text.empty() && text.back() >= '0' && text.back() <= '9';
  const auto value = parse(bare ? std::string{text}.append("B") : std::string{text}, kByteUnits);
  if (!value) return std::nullopt;
  return Bytes{*value};
}

std::string format_duration(std::chrono::nanoseconds duration) {
  if (duration.count() == 0) return "0s";
  if (duration.count() < 0) return '-' + format_duration(-duration);
  return format(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string format_bytes(Bytes bytes) { return format(bytes.value, kByteUnits); }

}  // namespace common
