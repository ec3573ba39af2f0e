#include "app/store/calendar_queries.hpp"

#include "app/core/calendar_draft.hpp"
#include "app/store/audit_queries.hpp"
#include "app/store/row_values.hpp"

namespace booking::store {
namespace {

using std::chrono::minutes;

// Which table a row of read_calendar() is from.
constexpr std::int64_t kRules = 0;
constexpr std::int64_t kWeekday = 1;

core::Hours hours_of(const Row& row, std::size_t column) {
  return {minutes{row.integer(column)}, minutes{row.integer(column + 1)}};
}

/// Of `opens, closes, lunch_from, lunch_to` from `column` on; nothing for a closed day.
std::optional<core::WorkingDay> working_day_of(const Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  core::WorkingDay day{hours_of(row, column), std::nullopt};
  if (!row.is_null(column + 2)) day.lunch = hours_of(row, column + 2);
  return day;
}

std::vector<Parameter> values_of(std::int64_t day, const std::optional<core::WorkingDay>& hours) {
  std::vector<Parameter> values{day, {}, {}, {}, {}};
  if (!hours) return values;
  values[1] = std::int64_t{hours->open.from.count()};
  values[2] = std::int64_t{hours->open.to.count()};
  if (!hours->lunch) return values;
  values[3] = std::int64_t{hours->lunch->from.count()};
  values[4] = std::int64_t{hours->lunch->to.count()};
  return values;
}

void write_days(Session& db, const core::CalendarRules& rules) {
  constexpr const char* kInsertWeekday =
      "INSERT INTO calendar_weekday (weekday, opens, closes, lunch_from, lunch_to) VALUES (?, ?, "
      "?, ?, ?)";
  constexpr const char* kInsertDay =
      "INSERT INTO calendar_day (day, opens, closes, lunch_from, lunch_to) VALUES (?, ?, ?, ?, ?)";
  db.execute("DELETE FROM calendar_weekday", {});
  db.execute("DELETE FROM calendar_day", {});
  for (std::size_t day = 0; day < rules.week.size(); ++day)
    if (rules.week.at(day))
      db.execute(kInsertWeekday, values_of(static_cast<std::int64_t>(day), rules.week.at(day)));
  for (const auto date : rules.closed)
    db.execute(kInsertDay, values_of(day_number(date), std::nullopt));
  for (const auto& [date, hours] : rules.openings)
    db.execute(kInsertDay, values_of(day_number(date), hours));
}

/// False when somebody else was there first.
bool write_rules(Session& db, const core::CalendarRules& rules, std::int64_t before,
                 common::WallTime now) {
  const std::vector<Parameter> values{before + 1,
                                      std::int64_t{rules.rests_on_holidays ? 1 : 0},
                                      std::int64_t{rules.lead_time.count()},
                                      std::int64_t{rules.horizon.count()},
                                      std::int64_t{rules.travel.count()},
                                      micros(now)};
  auto with_version = values;
  with_version.emplace_back(before);
  if (db.execute(
          "UPDATE calendar_rules SET version = ?, rests_on_holidays = ?, lead_minutes = ?, "
          "horizon_days = ?, travel_minutes = ?, updated_us = ? WHERE id = 1 AND version = ?",
          with_version) > 0)
    return true;
  return before == kFirstCalendarVersion &&
         db.insert(
             "INSERT INTO calendar_rules (id, version, rests_on_holidays, lead_minutes, "
             "horizon_days, travel_minutes, updated_us) VALUES (1, ?, ?, ?, ?, ?, ?)",
             values);
}

}  // namespace

ShopCalendar read_calendar(Session& db) {
  // One statement, so that nobody sees half of a change.
  const auto rows = db.query(
      "SELECT 0 AS kind, version, rests_on_holidays, lead_minutes, horizon_days, travel_minutes "
      "FROM calendar_rules WHERE id = 1 UNION ALL SELECT 1, weekday, opens, closes, lunch_from, "
      "lunch_to FROM calendar_weekday UNION ALL SELECT 2, day, opens, closes, lunch_from, lunch_to "
      "FROM calendar_day ORDER BY kind");
  ShopCalendar calendar;
  if (rows.empty() || rows.front().integer(0) != kRules)
    return {core::usual_calendar(), kFirstCalendarVersion};
  auto& rules = calendar.rules;
  for (const auto& row : rows) {
    const auto hours = working_day_of(row, 2);
    if (row.integer(0) == kRules) {
      calendar.version = row.integer(1);
      rules.rests_on_holidays = row.integer(2) != 0;
      rules.lead_time = minutes{row.integer(3)};
      rules.horizon = std::chrono::days{row.integer(4)};
      rules.travel = minutes{row.integer(5)};
    } else if (row.integer(0) == kWeekday) {
      rules.week.at(static_cast<std::size_t>(row.integer(1))) = hours;
    } else if (hours) {
      rules.openings.emplace(day_of(row.integer(1)), *hours);
    } else {
      rules.closed.insert(day_of(row.integer(1)));
    }
  }
  return calendar;
}

Ending set_calendar(Session& db, const CalendarChange& change, const Attempt& attempt,
                    const Tools& tools, std::optional<CalendarOutcome>& out) {
  // One at a time, and before the first look at what it changes.
  hold_audit(db);
  const auto before = read_calendar(db);
  if (attempt.maybe_committed && before.rules == change.rules) {
    out = before.version;  // it was us, and the commit had worked
    return Ending::RollBack;
  }
  if (change.version && *change.version != before.version) {
    out = CalendarRefusal::Stale;
    return Ending::RollBack;
  }
  const auto words = core::changes(before.rules, change.rules);
  if (words.empty()) {
    out = before.version;
    return Ending::RollBack;
  }
  if (!write_rules(db, change.rules, before.version, change.now)) throw Again{};
  write_days(db, change.rules);
  write_audit(db, change.actor, change.now, "calendar.set", "calendar", words, tools.entropy);
  out = before.version + 1;
  return Ending::Commit;
}

}  // namespace booking::store
