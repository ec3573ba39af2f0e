#pragma once

#include "app/core/calendar.hpp"
#include "app/core/field_error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::core {

inline constexpr std::size_t kMostSpecialDays = 366;  // closed ones, and openings
inline constexpr std::chrono::minutes kLongestLead{14 * 24 * 60};
inline constexpr std::chrono::minutes kLongestTravel{240};

/// Sunday first, as in CalendarRules::week.
inline constexpr std::array<std::string_view, 7> kWeekdays{
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

/// The rules of the calendar as they came in: words, nothing checked.
struct CalendarDraft {
  struct Hours {
    std::string from;
    std::string to;
  };
  struct Day {
    std::string name;  // a day of the week, or a date
    Hours open;
    std::optional<Hours> lunch;
  };
  std::vector<Day> week;  // what is not there is a day of rest
  std::vector<Day> openings;
  std::vector<std::string> closed;
  bool rests_on_holidays{true};
  std::int64_t lead_minutes{0};
  std::int64_t horizon_days{0};
  std::int64_t travel_minutes{0};
};

struct CheckedCalendar {
  std::optional<CalendarRules> rules;
  std::vector<FieldError> errors;
};

/// Hours are `09:00` to `24:00` on whole granules and in order, lunch lies within the open hours, a
/// day stands once. Pointers such as `/week/0/open`, `/closed/3`, `/travel_minutes`.
CheckedCalendar validate(const CalendarDraft& draft);

/// What changed, in words for the audit log: `monday 09:00-18:00 (12:00-13:00) -> closed; …`; empty
/// when nothing did.
std::string changes(const CalendarRules& before, const CalendarRules& after);

}  // namespace booking::core
