#include "app/core/offered_windows.hpp"

#include "app/core/holidays.hpp"

namespace booking::core {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr minutes kNoon{12 * 60};

bool belongs(minutes start, DayPart part) {
  if (part == DayPart::Any) return true;
  return (start < kNoon) == (part == DayPart::Morning);
}

/// The last granule of that part in which somebody works, as minutes since midnight.
std::optional<minutes> last_granule(const WorkingDay& day, DayPart part) {
  for (auto start = day.open.to - kGranule; start >= day.open.from; start -= kGranule) {
    const bool rests = day.lunch && start < day.lunch->to && start + kGranule > day.lunch->from;
    if (!rests && belongs(start, part)) return start;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Misfit> misfit_of(const CalendarRules& rules, const PreferredWindow& window,
                                common::WallTime now) {
  if (sys_days{window.date} - sys_days{seoul_date(now)} > rules.horizon) return Misfit::TooFar;
  const auto day = hours_of(rules, window.date);
  if (!day) {
    const bool holiday = rules.rests_on_holidays && !rules.closed.contains(window.date) &&
                         is_public_holiday(window.date);
    return holiday ? Misfit::Holiday : Misfit::Closed;
  }
  const auto last = last_granule(*day, window.part);
  if (!last) return Misfit::OutsideHours;
  const common::WallTime midnight{sys_days{window.date}.time_since_epoch() - kSeoulOffset};
  if (midnight + *last < now + rules.lead_time) return Misfit::TooSoon;
  return std::nullopt;
}

std::vector<OfferedDay> offered_days(const CalendarRules& rules, common::WallTime now, days count) {
  std::vector<OfferedDay> offered;
  const auto today = sys_days{seoul_date(now)};
  for (days ahead{0}; ahead < count; ++ahead) {
    const Date date{today + ahead};
    const OfferedDay day{date, !misfit_of(rules, PreferredWindow{date, DayPart::Morning}, now),
                         !misfit_of(rules, PreferredWindow{date, DayPart::Afternoon}, now)};
    if (day.morning || day.afternoon) offered.push_back(day);
  }
  return offered;
}

}  // namespace booking::core
