#include "app/core/calendar_draft.hpp"

#include "app/core/booking_request.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace booking::core {
namespace {

using std::chrono::minutes;

/// Collects what is wrong, so that one answer names it all.
class Checker {
 public:
  explicit Checker(const CalendarDraft& draft) : draft_{draft} {}

  CheckedCalendar run() {
    rules_.rests_on_holidays = draft_.rests_on_holidays;
    for (std::size_t i = 0; i < draft_.week.size(); ++i) weekday(i);
    for (std::size_t i = 0; i < draft_.closed.size(); ++i) closed_day(i);
    for (std::size_t i = 0; i < draft_.openings.size(); ++i) opening(i);
    rules_.lead_time = minutes{
        number("/lead_minutes", draft_.lead_minutes, 0, kLongestLead.count(), "분", "minutes")};
    rules_.horizon = std::chrono::days{
        number("/horizon_days", draft_.horizon_days, 1, kBookingHorizon.count(), "일", "days")};
    rules_.travel = minutes{number("/travel_minutes", draft_.travel_minutes, 0,
                                   kLongestTravel.count(), "분", "minutes")};
    if (rules_.travel % kGranule != minutes{0})
      refuse("/travel_minutes", "unaligned", "30분 단위로 적어 주세요.", "In steps of 30 minutes.");
    if (!errors_.empty()) return {std::nullopt, std::move(errors_)};
    return {std::move(rules_), {}};
  }

 private:
  void refuse(std::string pointer, std::string code, std::string korean, std::string english) {
    errors_.push_back({std::move(pointer), std::move(code), std::move(korean), std::move(english)});
  }

  std::int64_t number(const char* pointer, std::int64_t value, std::int64_t least,
                      std::int64_t most, std::string_view korean_unit,
                      std::string_view english_unit) {
    if (value >= least && value <= most) return value;
    refuse(pointer, "out_of_range",
           fmt::format("{}{} 이상 {}{} 이하로 적어 주세요.", least, korean_unit, most, korean_unit),
           fmt::format("{} to {} {}.", least, most, english_unit));
    return least;
  }

  std::optional<minutes> clock(const std::string& text) {
    const auto time = parse_clock(text);
    return time && *time % kGranule == minutes{0} ? time : std::nullopt;
  }

  std::optional<Hours> hours(const std::string& pointer, const CalendarDraft::Hours& given) {
    const auto from = clock(given.from);
    const auto to = clock(given.to);
    if (from && to && *from < *to) return Hours{*from, *to};
    refuse(pointer, "invalid", "09:00부터 18:00까지처럼 30분 단위로 적어 주세요.",
           "Such as from 09:00 to 18:00, on the hour or half past.");
    return std::nullopt;
  }

  std::optional<WorkingDay> working_day(const std::string& pointer,
                                        const CalendarDraft::Day& given) {
    const auto open = hours(pointer + "/open", given.open);
    std::optional<Hours> lunch;
    if (given.lunch) {
      lunch = hours(pointer + "/lunch", *given.lunch);
      if (!lunch) return std::nullopt;
    }
    if (!open) return std::nullopt;
    if (lunch && (lunch->from < open->from || lunch->to > open->to || *lunch == *open)) {
      refuse(pointer + "/lunch", "outside_hours", "점심시간은 영업시간 안에 있어야 합니다.",
             "Lunch lies within the open hours.");
      return std::nullopt;
    }
    return WorkingDay{*open, lunch};
  }

  void weekday(std::size_t index) {
    const auto& given = draft_.week[index];
    const auto pointer = fmt::format("/week/{}", index);
    const auto found = std::ranges::find(kWeekdays, given.name);
    if (found == kWeekdays.end())
      return refuse(pointer + "/day", "invalid", "요일을 monday처럼 적어 주세요.",
                    "A day of the week, such as monday.");
    auto& place = rules_.week.at(static_cast<std::size_t>(found - kWeekdays.begin()));
    if (place)
      return refuse(pointer + "/day", "duplicate", "두 번 나온 요일입니다.", "Comes twice.");
    place = working_day(pointer, given);
  }

  std::optional<Date> date(const std::string& pointer, const std::string& text) {
    const auto read = parse_date(text);
    if (!read)
      refuse(pointer, "invalid", "날짜를 2026-12-01처럼 적어 주세요.",
             "Give a date such as 2026-12-01.");
    return read;
  }

  void closed_day(std::size_t index) {
    const auto pointer = fmt::format("/closed/{}", index);
    const auto read = date(pointer, draft_.closed[index]);
    if (read && !rules_.closed.insert(*read).second)
      refuse(pointer, "duplicate", "두 번 나온 날짜입니다.", "Comes twice.");
  }

  void opening(std::size_t index) {
    const auto& given = draft_.openings[index];
    const auto pointer = fmt::format("/openings/{}", index);
    const auto read = date(pointer + "/date", given.name);
    const auto day = working_day(pointer, given);
    if (!read || !day) return;
    if (rules_.closed.contains(*read))
      return refuse(pointer + "/date", "closed", "휴무일로도 적혀 있는 날짜입니다.",
                    "The same day is among the closed ones.");
    if (!rules_.openings.emplace(*read, *day).second)
      refuse(pointer + "/date", "duplicate", "두 번 나온 날짜입니다.", "Comes twice.");
  }

  const CalendarDraft& draft_;
  CalendarRules rules_;
  std::vector<FieldError> errors_;
};

std::string words_of(const Hours& hours) {
  return format_clock(hours.from) + '-' + format_clock(hours.to);
}

std::string words_of(const std::optional<WorkingDay>& day) {
  if (!day) return "closed";
  return words_of(day->open) + (day->lunch ? " (" + words_of(*day->lunch) + ')' : "");
}

class Difference {
 public:
  void add(std::string_view name, const std::string& before, const std::string& after) {
    if (before == after) return;
    text_ += fmt::format("{}{} {} -> {}", text_.empty() ? "" : "; ", name, before, after);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

CheckedCalendar validate(const CalendarDraft& draft) { return Checker{draft}.run(); }

std::string changes(const CalendarRules& before, const CalendarRules& after) {
  Difference difference;
  for (std::size_t day = 0; day < kWeekdays.size(); ++day)
    difference.add(kWeekdays.at(day), words_of(before.week.at(day)), words_of(after.week.at(day)));
  difference.add("holidays", before.rests_on_holidays ? "rest" : "work",
                 after.rests_on_holidays ? "rest" : "work");
  std::set<Date> days = before.closed;
  days.insert(after.closed.begin(), after.closed.end());
  for (const auto& rules : {before, after})
    for (const auto& opening : rules.openings) days.insert(opening.first);
  const auto said = [](const CalendarRules& rules, Date day) -> std::string {
    if (const auto opening = rules.openings.find(day); opening != rules.openings.end())
      return words_of(opening->second);
    return rules.closed.contains(day) ? "closed" : "usual";
  };
  for (const auto day : days) difference.add(format_date(day), said(before, day), said(after, day));
  const auto add = [&difference](std::string_view name, std::int64_t one, std::int64_t other) {
    difference.add(name, std::to_string(one), std::to_string(other));
  };
  add("lead minutes", before.lead_time.count(), after.lead_time.count());
  add("horizon days", before.horizon.count(), after.horizon.count());
  add("travel minutes", before.travel.count(), after.travel.count());
  return difference.take();
}

}  // namespace booking::core
