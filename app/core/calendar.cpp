#include "app/core/calendar.hpp"

#include "app/core/holidays.hpp"

#include <algorithm>

namespace booking::core {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr days kFarthestLook{60};  // of free_starts: who finds nothing in two months asks by phone

std::size_t weekday_of(Date date) {
  return std::chrono::weekday{std::chrono::sys_days{date}}.c_encoding();
}

common::WallTime midnight_of(Date date) {
  return common::WallTime{std::chrono::sys_days{date}.time_since_epoch()} - kSeoulOffset;
}

bool overlaps(const Hours& a, const Hours& b) { return a.from < b.to && b.from < a.to; }

common::WallTime next_granule(common::WallTime time) {
  const auto since = time.time_since_epoch();
  const auto whole = since / std::chrono::microseconds{kGranule};
  const common::WallTime floor{std::chrono::microseconds{kGranule} * whole};
  return floor < time ? floor + kGranule : floor;
}

}  // namespace

CalendarRules usual_calendar() {
  using namespace std::chrono_literals;
  const WorkingDay full{{9h, 18h}, Hours{12h, 13h}};
  const WorkingDay half{{9h, 13h}, std::nullopt};
  CalendarRules rules;
  rules.week = {std::nullopt, full, full, full, full, full, half};
  return rules;
}

std::string_view to_string(Misfit misfit) {
  constexpr std::array<std::string_view, 7> kWords{"too_soon",      "too_far", "closed", "holiday",
                                                   "outside_hours", "lunch",   "taken"};
  return kWords.at(static_cast<std::size_t>(misfit));
}

std::optional<WorkingDay> hours_of(const CalendarRules& rules, Date date) {
  if (const auto opening = rules.openings.find(date); opening != rules.openings.end())
    return opening->second;
  if (rules.closed.contains(date)) return std::nullopt;
  if (rules.rests_on_holidays && is_public_holiday(date)) return std::nullopt;
  return rules.week.at(weekday_of(date));
}

std::optional<Misfit> misfit_in(const WorkingDay& day, const Hours& visit) {
  if (visit.from < day.open.from || visit.to > day.open.to) return Misfit::OutsideHours;
  if (day.lunch && overlaps(*day.lunch, visit)) return Misfit::Lunch;
  return std::nullopt;
}

std::optional<Misfit> misfit_of(const CalendarRules& rules, const Visit& visit,
                                common::WallTime now) {
  if (visit.start < now + rules.lead_time) return Misfit::TooSoon;
  const auto date = seoul_date(visit.start);
  if (std::chrono::sys_days{date} - std::chrono::sys_days{seoul_date(now)} > rules.horizon)
    return Misfit::TooFar;
  const auto day = hours_of(rules, date);
  if (!day) {
    const bool holiday =
        rules.rests_on_holidays && !rules.closed.contains(date) && is_public_holiday(date);
    return holiday ? Misfit::Holiday : Misfit::Closed;
  }
  const auto from = std::chrono::duration_cast<minutes>(visit.start - midnight_of(date));
  return misfit_in(*day, {from, from + visit.duration});
}

std::optional<Misfit> misfit_for_staff(CalendarRules rules, const Visit& visit,
                                       common::WallTime now) {
  rules.lead_time = minutes{0};
  return misfit_of(rules, visit, now);
}

std::vector<common::WallTime> slot_claims(const Visit& visit, minutes travel) {
  auto claims = slot_claims(visit);
  for (auto at = claims.back() + kGranule; at < visit.start + visit.duration + travel;
       at += kGranule)
    claims.push_back(at);
  return claims;
}

std::vector<common::WallTime> free_starts(const CalendarRules& rules, const Taken& taken,
                                          minutes duration, common::WallTime from,
                                          common::WallTime now, std::size_t most) {
  std::vector<common::WallTime> starts;
  auto at = next_granule(std::max(from, now + rules.lead_time));
  const auto last = at + kFarthestLook;
  while (starts.size() < most && at < last) {
    const Visit visit{"", at, duration};
    const auto misfit = misfit_of(rules, visit, now);
    if (misfit == Misfit::TooFar) break;
    if (misfit == Misfit::Closed || misfit == Misfit::Holiday) {
      at = midnight_of(Date{std::chrono::sys_days{seoul_date(at)} + days{1}});
      continue;
    }
    const auto claims = slot_claims(visit, rules.travel);
    const bool free =
        std::ranges::none_of(claims, [&](common::WallTime claim) { return taken.contains(claim); });
    if (misfit || !free) {
      at += kGranule;
      continue;
    }
    starts.push_back(at);
    at = next_granule(at + duration);
  }
  return starts;
}

}  // namespace booking::core
