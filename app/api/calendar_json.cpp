#include "app/api/calendar_json.hpp"

#include "app/api/json_reader.hpp"
#include "app/core/holidays.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace booking::api {
namespace {

namespace json = boost::json;
using std::chrono::sys_days;

constexpr std::size_t kDaysOfWeek = 7;
constexpr std::chrono::days kHolidaysAhead{366};

json::string text(std::string_view value) { return json::string{value.data(), value.size()}; }

core::CalendarDraft::Hours read_hours(const json::object& object, const std::string& pointer,
                                      FieldErrors& errors) {
  core::CalendarDraft::Hours hours;
  ObjectReader reader{object, pointer, errors};
  reader.require("from");
  reader.require("to");
  reader.read("from", hours.from);
  reader.read("to", hours.to);
  reader.refuse_unknown();
  return hours;
}

/// A day of the week or a date, under the member `name`, with its hours.
core::CalendarDraft::Day read_day(const json::object& object, std::string_view name,
                                  const std::string& pointer, FieldErrors& errors) {
  core::CalendarDraft::Day day;
  ObjectReader reader{object, pointer, errors};
  reader.require(name);
  reader.require("open");
  reader.read(name, day.name);
  if (const auto* open = reader.object("open"))
    day.open = read_hours(*open, pointer + "/open", errors);
  if (const auto* lunch = reader.object("lunch"))
    day.lunch = read_hours(*lunch, pointer + "/lunch", errors);
  reader.refuse_unknown();
  return day;
}

template <class Reader>
std::vector<core::CalendarDraft::Day> read_days(Reader& reader, const char* key, std::size_t most,
                                                std::string_view name, FieldErrors& errors) {
  std::vector<core::CalendarDraft::Day> days;
  reader.require(key);
  for (const auto* one : reader.objects(key, most)) {
    const auto pointer = '/' + std::string{key} + '/' + std::to_string(days.size());
    days.push_back(one == nullptr ? core::CalendarDraft::Day{}
                                  : read_day(*one, name, pointer, errors));
  }
  return days;
}

json::object day_object(std::string_view key, std::string_view name, const core::WorkingDay& day) {
  json::object out{{key, text(name)}, {"open", hours_object(day.open)}};
  if (day.lunch) out["lunch"] = hours_object(*day.lunch);
  return out;
}

json::array holidays_from(core::Date today) {
  json::array out;
  const auto first = static_cast<int>(today.year());
  for (const int year : {first, first + 1})
    for (const auto& holiday : core::public_holidays(year)) {
      const auto ahead = sys_days{holiday.date} - sys_days{today};
      if (ahead < std::chrono::days{0} || ahead >= kHolidaysAhead) continue;
      out.push_back(json::object{{"date", text(core::format_date(holiday.date))},
                                 {"name", text(holiday.korean)},
                                 {"name_en", text(holiday.english)},
                                 {"substitute", holiday.substitute}});
    }
  return out;
}

}  // namespace

Read<core::CalendarDraft> read_calendar(std::string_view body) {
  return read_object<core::CalendarDraft>(body, [](auto& reader, auto& draft, FieldErrors& errors) {
    draft.week = read_days(reader, "week", kDaysOfWeek, "day", errors);
    draft.openings = read_days(reader, "openings", core::kMostSpecialDays, "date", errors);
    reader.require("closed");
    draft.closed = reader.strings("closed", core::kMostSpecialDays);
    for (const char* key : {"rests_on_holidays", "lead_minutes", "horizon_days", "travel_minutes"})
      reader.require(key);
    reader.read("rests_on_holidays", draft.rests_on_holidays);
    reader.read("lead_minutes", draft.lead_minutes);
    reader.read("horizon_days", draft.horizon_days);
    reader.read("travel_minutes", draft.travel_minutes);
  });
}

std::string shop_calendar_json(const store::ShopCalendar& calendar, core::Date today) {
  const auto& rules = calendar.rules;
  json::array week;
  // Monday first, as people write it.
  for (std::size_t i = 1; i <= kDaysOfWeek; ++i) {
    const auto day = i % kDaysOfWeek;
    if (rules.week.at(day))
      week.push_back(day_object("day", core::kWeekdays.at(day), *rules.week.at(day)));
  }
  json::array closed;
  for (const auto date : rules.closed) closed.push_back(text(core::format_date(date)));
  json::array openings;
  for (const auto& [date, day] : rules.openings)
    openings.push_back(day_object("date", core::format_date(date), day));
  return json::serialize(json::object{{"version", calendar.version},
                                      {"week", std::move(week)},
                                      {"rests_on_holidays", rules.rests_on_holidays},
                                      {"closed", std::move(closed)},
                                      {"openings", std::move(openings)},
                                      {"lead_minutes", rules.lead_time.count()},
                                      {"horizon_days", rules.horizon.count()},
                                      {"travel_minutes", rules.travel.count()},
                                      {"holidays", holidays_from(today)}});
}

std::string windows_json(const std::vector<core::OfferedDay>& days) {
  json::array out;
  for (const auto& day : days) {
    json::array times;
    for (const auto start : day.starts) times.push_back(text(core::format_clock(start)));
    out.push_back(json::object{{"date", text(core::format_date(day.date))},
                               {"morning", day.has(core::DayPart::Morning)},
                               {"afternoon", day.has(core::DayPart::Afternoon)},
                               {"times", std::move(times)}});
  }
  return json::serialize(json::object{{"days", std::move(out)}});
}

json::object hours_object(const core::Hours& hours) {
  return {{"from", text(core::format_clock(hours.from))},
          {"to", text(core::format_clock(hours.to))}};
}

}  // namespace booking::api
