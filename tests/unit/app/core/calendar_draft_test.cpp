#include "app/core/calendar_draft.hpp"

#include "tests/support/catch.hpp"

#include <map>

using namespace booking::core;
using namespace std::chrono_literals;

namespace {

using Faults = std::map<std::string, std::string>;

CalendarDraft good() {
  CalendarDraft draft;
  draft.week = {{"monday", {"09:00", "18:00"}, CalendarDraft::Hours{"12:00", "13:00"}},
                {"sunday", {"00:00", "24:00"}, std::nullopt}};
  draft.openings = {{"2026-12-25", {"10:00", "12:30"}, std::nullopt}};
  draft.closed = {"2026-12-24"};
  draft.rests_on_holidays = false;
  draft.lead_minutes = 90;
  draft.horizon_days = 60;
  draft.travel_minutes = 30;
  return draft;
}

Faults faults_of(const CalendarDraft& draft) {
  const auto checked = validate(draft);
  CHECK(checked.rules.has_value() == checked.errors.empty());
  Faults faults;
  for (const auto& error : checked.errors) {
    CHECK_FALSE(error.korean.empty());
    CHECK_FALSE(error.english.empty());
    CHECK(faults.emplace(error.pointer, error.code).second);
  }
  return faults;
}

Faults faults_of_hours(const char* from, const char* to,
                       std::optional<CalendarDraft::Hours> lunch = std::nullopt) {
  auto draft = good();
  draft.week = {{"monday", {from, to}, std::move(lunch)}};
  return faults_of(draft);
}

}  // namespace

TEST_CASE("A good draft becomes the calendar's rules", "[app][core][calendar]") {
  const auto checked = validate(good());
  REQUIRE(checked.rules);
  const auto& rules = *checked.rules;
  CHECK(rules.week[1] == WorkingDay{{9h, 18h}, Hours{12h, 13h}});
  CHECK(rules.week[0] == WorkingDay{{0h, 24h}, std::nullopt});
  CHECK_FALSE(rules.week[2]);
  CHECK(rules.closed == std::set<Date>{parse_date("2026-12-24").value()});
  CHECK(rules.openings.at(parse_date("2026-12-25").value()).open == Hours{600min, 750min});
  CHECK(rules.lead_time == 90min);
  CHECK(rules.horizon == std::chrono::days{60});
  CHECK(rules.travel == 30min);
  CHECK_FALSE(rules.rests_on_holidays);
}

TEST_CASE("Hours that are none are named with their place", "[app][core][calendar]") {
  for (const char* from : {"", "9:00", "09:15", "18:00", "24:30", "09:60", "0９:0", "09-00"}) {
    CAPTURE(from);
    CHECK(faults_of_hours(from, "18:00") == Faults{{"/week/0/open", "invalid"}});
  }
  CHECK(faults_of_hours("09:00", "24:00").empty());
  using H = CalendarDraft::Hours;
  CHECK(faults_of_hours("09:00", "18:00", H{"13:00", "12:00"}) ==
        Faults{{"/week/0/lunch", "invalid"}});
  CHECK(faults_of_hours("09:00", "18:00", H{"08:30", "09:30"}) ==
        Faults{{"/week/0/lunch", "outside_hours"}});
  CHECK(faults_of_hours("09:00", "18:00", H{"09:00", "18:00"}) ==
        Faults{{"/week/0/lunch", "outside_hours"}});
}

TEST_CASE("What is wrong elsewhere is told at once", "[app][core][calendar]") {
  auto draft = good();
  draft.week.push_back({"monday", {"09:00", "10:00"}, std::nullopt});
  draft.week.push_back({"Tuesday", {"09:00", "10:00"}, std::nullopt});
  draft.closed = {"2026-12-24", "2026-12-24", "2026-02-30", "2026-12-25"};
  draft.openings.push_back({"x", {"10:00", "12:00"}, std::nullopt});
  draft.lead_minutes = -1;
  draft.horizon_days = 181;
  draft.travel_minutes = 45;
  CHECK(faults_of(draft) == Faults{{"/week/2/day", "duplicate"},
                                   {"/week/3/day", "invalid"},
                                   {"/closed/1", "duplicate"},
                                   {"/closed/2", "invalid"},
                                   {"/openings/0/date", "closed"},
                                   {"/openings/1/date", "invalid"},
                                   {"/lead_minutes", "out_of_range"},
                                   {"/horizon_days", "out_of_range"},
                                   {"/travel_minutes", "unaligned"}});
}

TEST_CASE("The audit log is told what changed and nothing else", "[app][core][calendar]") {
  const auto before = validate(good()).rules.value();
  CHECK(changes(before, before).empty());
  auto after = before;
  after.week[1] = std::nullopt;
  after.week[2] = WorkingDay{{9h, 12h}, std::nullopt};
  after.closed.clear();
  after.openings[parse_date("2026-12-26").value()] = {{9h, 10h}, std::nullopt};
  after.travel = 60min;
  CHECK(changes(before, after) ==
        "monday 09:00-18:00 (12:00-13:00) -> closed; tuesday closed -> 09:00-12:00; 2026-12-24 "
        "closed -> usual; 2026-12-26 usual -> 09:00-10:00; travel minutes 30 -> 60");
}
