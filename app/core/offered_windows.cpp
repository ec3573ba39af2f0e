#include "app/core/offered_windows.hpp"

#include "app/core/holidays.hpp"

#include <algorithm>

namespace booking::core {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

std::optional<Misfit> misfit_at(const WorkingDay& day, minutes start) {
  return misfit_in(day, {start, start + kGranule});
}

/// The last granule of that part in which somebody works, as minutes since midnight.
std::optional<minutes> last_granule(const WorkingDay& day, DayPart part) {
  for (auto start = day.open.to - kGranule; start >= day.open.from; start -= kGranule)
    if (!misfit_at(day, start) && (part == DayPart::Any || half_of(start) == part)) return start;
  return std::nullopt;
}

bool is_too_soon(const CalendarRules& rules, Date date, minutes start, common::WallTime now) {
  const common::WallTime midnight{sys_days{date}.time_since_epoch() - kSeoulOffset};
  return midnight + start < now + rules.lead_time;
}

}  // namespace

bool OfferedDay::has(DayPart half) const {
  return std::ranges::any_of(starts, [half](minutes start) { return half_of(start) == half; });
}

std::optional<Misfit> misfit_of(const CalendarRules& rules, const PreferredWindow& window,
                                common::WallTime now) {
  if (sys_days{window.date} - sys_days{seoul_date(now)} > rules.horizon) return Misfit::TooFar;
  const auto day = hours_of(rules, window.date);
  if (!day) {
    const bool holiday = rules.rests_on_holidays && !rules.closed.contains(window.date) &&
                         is_public_holiday(window.date);
    return holiday ? Misfit::Holiday : Misfit::Closed;
  }
  if (window.start)
    if (const auto misfit = misfit_at(*day, *window.start)) return misfit;
  const auto last = window.start ? window.start : last_granule(*day, window.part);
  if (!last) return Misfit::OutsideHours;
  if (is_too_soon(rules, window.date, *last, now)) return Misfit::TooSoon;
  return std::nullopt;
}

std::vector<OfferedDay> offered_days(const CalendarRules& rules, common::WallTime now, days count) {
  std::vector<OfferedDay> offered;
  const auto today = sys_days{seoul_date(now)};
  for (days ahead{0}; ahead < std::min(count, rules.horizon + days{1}); ++ahead) {
    OfferedDay day{Date{today + ahead}, {}};
    const auto hours = hours_of(rules, day.date);
    if (!hours) continue;
    for (auto start = hours->open.from; start < hours->open.to; start += kGranule)
      if (!misfit_at(*hours, start) && !is_too_soon(rules, day.date, start, now))
        day.starts.push_back(start);
    if (!day.starts.empty()) offered.push_back(std::move(day));
  }
  return offered;
}

}  // namespace booking::core
