#pragma once

#include "app/core/civil_time.hpp"
#include "app/core/visit.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace booking::core {

/// Hours of one day as minutes since midnight in Seoul, `to` not included.
struct Hours {
  std::chrono::minutes from{0};
  std::chrono::minutes to{0};

  bool operator==(const Hours&) const = default;
};

struct WorkingDay {
  Hours open;
  std::optional<Hours> lunch;

  bool operator==(const WorkingDay&) const = default;
};

/// When visits can be made.
struct CalendarRules {
  /// Sunday first, as std::chrono::weekday counts; nothing: no visits on that day of the week.
  std::array<std::optional<WorkingDay>, 7> week{};
  bool rests_on_holidays{true};
  std::set<Date> closed;
  /// Stand above everything else: a Sunday, a holiday or a closed day that is worked after all.
  std::map<Date, WorkingDay> openings;
  std::chrono::minutes lead_time{120};  // from now to the start of a visit
  std::chrono::days horizon{180};
  std::chrono::minutes travel{30};  // kept free after each visit; whole granules

  bool operator==(const CalendarRules&) const = default;
};

/// Monday to Friday 9 to 18 and Saturday 9 to 13, lunch from 12 to 13 where the day goes on.
CalendarRules usual_calendar();

/// Why a visit cannot be at its time.
enum class Misfit { TooSoon, TooFar, Closed, Holiday, OutsideHours, Lunch, Taken };
std::string_view to_string(Misfit misfit);

/// The hours of that day, or nothing when it is a day of rest.
std::optional<WorkingDay> hours_of(const CalendarRules& rules, Date date);

/// Only what the day itself says: OutsideHours, Lunch or nothing.
std::optional<Misfit> misfit_in(const WorkingDay& day, const Hours& visit);

/// Nothing when the visit's own time (without its travel) lies in working hours; whether it is
/// taken is not asked.
std::optional<Misfit> misfit_of(const CalendarRules& rules, const Visit& visit,
                                common::WallTime now);

/// The same for the shop itself, which may come at once: the lead time is what guests are told.
std::optional<Misfit> misfit_for_staff(CalendarRules rules, const Visit& visit,
                                       common::WallTime now);

/// The granules a visit takes from its technician: its own and those of the way to the next one.
std::vector<common::WallTime> slot_claims(const Visit& visit, std::chrono::minutes travel);

/// Starts of granules that are claimed already, of one technician.
using Taken = std::set<common::WallTime>;

/// The next starts at which a visit of that length fits the rules and what is taken, at or after
/// `from`, in order of time, up to `most`; each begins where the one before does not reach.
std::vector<common::WallTime> free_starts(const CalendarRules& rules, const Taken& taken,
                                          std::chrono::minutes duration, common::WallTime from,
                                          common::WallTime now, std::size_t most);

}  // namespace booking::core
