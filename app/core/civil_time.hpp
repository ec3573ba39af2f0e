#pragma once

#include "common/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace booking::core {

/// A day in Seoul's calendar.
using Date = std::chrono::year_month_day;

/// Asia/Seoul has had one fixed offset and no summer time since 1988.
inline constexpr std::chrono::hours kSeoulOffset{9};

/// `2026-12-01T10:00:00+09:00`; a fraction only when there is one.
std::string format_rfc3339(common::WallTime time);
/// RFC 3339 §5.6 with any offset (`Z`, `+09:00`); digits beyond microseconds are cut off. A leap
/// second is refused: no visit starts in one.
std::optional<common::WallTime> parse_rfc3339(std::string_view text);

/// `2026-12-01`, and only days that exist.
std::string format_date(Date date);
std::optional<Date> parse_date(std::string_view text);

/// `09:00` for minutes since midnight, and `24:00` for the end of the day.
std::string format_clock(std::chrono::minutes since_midnight);
std::optional<std::chrono::minutes> parse_clock(std::string_view text);

/// The day it is in Seoul at `time`.
Date seoul_date(common::WallTime time);

}  // namespace booking::core
