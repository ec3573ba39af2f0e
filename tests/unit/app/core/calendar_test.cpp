#include "app/core/calendar.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/app/core/shop_dates.hpp"

#include <random>
#include <string>

using namespace booking::core;
using namespace std::chrono_literals;

namespace {

std::string misfit(const CalendarRules& rules, const char* start,
                   std::chrono::minutes duration = 60min, common::WallTime now = kNow) {
  const auto found = misfit_of(rules, {"kim", at(start), duration}, now);
  return found ? std::string{to_string(*found)} : "fits";
}

std::string starts(const CalendarRules& rules, const Taken& taken, std::chrono::minutes duration,
                   const char* from, std::size_t most) {
  std::string text;
  for (const auto start : free_starts(rules, taken, duration, at(from), kNow, most))
    text += format_rfc3339(start).substr(5, 11) + ' ';
  return text;
}

}  // namespace

TEST_CASE("A visit fits into the working day or is told why not", "[app][core][calendar]") {
  auto rules = usual_calendar();
  struct Row {
    const char* start;
    std::chrono::minutes duration;
    const char* verdict;
  };
  for (const auto& row :
       {Row{"2026-12-01T10:00", 120min, "fits"}, Row{"2026-12-01T09:30", 60min, "too_soon"},
        Row{"2026-12-01T11:30", 60min, "lunch"}, Row{"2026-12-01T12:30", 30min, "lunch"},
        Row{"2026-12-01T13:00", 300min, "fits"}, Row{"2026-12-01T13:00", 330min, "outside_hours"},
        Row{"2026-12-02T08:30", 60min, "outside_hours"},
        Row{"2026-12-02T23:30", 60min, "outside_hours"},
        Row{"2026-12-05T09:00", 240min, "fits"},  // a Saturday morning
        Row{"2026-12-05T12:30", 60min, "outside_hours"}, Row{"2026-12-06T10:00", 60min, "closed"},
        Row{"2026-12-25T10:00", 60min, "holiday"},
        Row{"2027-02-09T10:00", 60min, "holiday"},  // a substitute day
        Row{"2027-05-31T10:00", 60min, "too_far"}}) {
    CAPTURE(row.start);
    CHECK(misfit(rules, row.start, row.duration) == row.verdict);
  }
}

TEST_CASE("Closed days close, and an opening stands above everything", "[app][core][calendar]") {
  auto rules = usual_calendar();
  rules.closed = {day("2026-12-03"), day("2026-12-25")};
  CHECK(misfit(rules, "2026-12-03T10:00") == "closed");
  CHECK(misfit(rules, "2026-12-25T10:00") == "closed");
  for (const char* opened : {"2026-12-03", "2026-12-25", "2026-12-06"})
    rules.openings[day(opened)] = {{10h, 12h}, std::nullopt};
  CHECK(misfit(rules, "2026-12-03T10:00") == "fits");
  CHECK(misfit(rules, "2026-12-25T11:00") == "fits");
  CHECK(misfit(rules, "2026-12-06T11:30") == "outside_hours");
  rules.rests_on_holidays = false;
  CHECK(misfit(rules, "2027-02-09T10:00") == "fits");
}

TEST_CASE("A visit claims its way to the next one too", "[app][core][calendar]") {
  const Visit visit{"kim", at("2026-12-01T10:00"), 45min};
  CHECK(slot_claims(visit, 0min).size() == 2);
  CHECK(slot_claims(visit, 15min).size() == 2);
  CHECK(slot_claims(visit, 30min).size() == 3);
  CHECK(slot_claims(visit, 30min).back() == at("2026-12-01T11:00"));
}

TEST_CASE("The next free times go around lunch, what is taken and days of rest",
          "[app][core][calendar]") {
  auto rules = usual_calendar();
  CHECK(starts(rules, {}, 120min, "2026-12-01T00:00", 4) ==
        "12-01T10:00 12-01T13:00 12-01T15:00 12-02T09:00 ");
  // 13:00 is taken: what begins before must end, way included, by then.
  CHECK(starts(rules, {at("2026-12-01T13:00")}, 90min, "2026-12-01T10:00", 3) ==
        "12-01T10:00 12-01T13:30 12-01T15:00 ");
  CHECK(starts(rules, {}, 240min, "2026-12-04T14:30", 2) == "12-05T09:00 12-07T13:00 ");
  CHECK(starts(rules, {}, 480min, "2026-12-01T00:00", 2).empty());  // longer than any stretch
}

TEST_CASE("What is offered fits, is free, and leaves the way between visits",
          "[app][core][calendar][simulation]") {
  std::mt19937 random{20261201};
  auto rules = usual_calendar();
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    rules.travel = std::chrono::minutes{30 * (round % 3)};
    Taken taken;
    for (int i = 0; i < 40; ++i)
      taken.insert(at("2026-12-01T09:00") + kGranule * static_cast<int>(random() % 480));
    const std::chrono::minutes duration{30 + 30 * static_cast<int>(random() % 6)};
    common::WallTime end;
    for (const auto start : free_starts(rules, taken, duration, kNow, kNow, 12)) {
      CHECK_FALSE(misfit_of(rules, {"kim", start, duration}, kNow));
      CHECK(start >= end);
      end = start + duration;
      for (const auto claim : slot_claims({"kim", start, duration}, rules.travel))
        CHECK_FALSE(taken.contains(claim));
    }
  }
}
