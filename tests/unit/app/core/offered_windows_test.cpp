#include "app/core/offered_windows.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/app/core/shop_dates.hpp"

#include <algorithm>
#include <string>

using namespace booking::core;
using namespace std::chrono_literals;

namespace {

std::string misfit(const CalendarRules& rules, const char* date, DayPart part,
                   common::WallTime now = kNow) {
  const auto found = misfit_of(rules, PreferredWindow{day(date), part}, now);
  return found ? std::string{to_string(*found)} : "fits";
}

std::string misfit(const CalendarRules& rules, const char* date, const char* time,
                   common::WallTime now = kNow) {
  const auto start = parse_clock(time).value();
  const auto found = misfit_of(rules, PreferredWindow{day(date), half_of(start), start}, now);
  return found ? std::string{to_string(*found)} : "fits";
}

std::string times_of(const OfferedDay& offered) {
  std::string times;
  for (const auto start : offered.starts)
    times.append(times.empty() ? "" : " ").append(format_clock(start));
  return times;
}

}  // namespace

TEST_CASE("A window is offered when the shop works in it", "[app][core][calendar]") {
  auto rules = usual_calendar();
  CHECK(misfit(rules, "2026-12-02", DayPart::Morning) == "fits");
  CHECK(misfit(rules, "2026-12-05", DayPart::Morning) == "fits");    // a Saturday
  CHECK(misfit(rules, "2026-12-05", DayPart::Afternoon) == "fits");  // 12 to 13
  CHECK(misfit(rules, "2026-12-06", DayPart::Any) == "closed");      // a Sunday
  CHECK(misfit(rules, "2026-12-25", DayPart::Any) == "holiday");
  CHECK(misfit(rules, "2027-02-09", DayPart::Any) == "holiday");  // a substitute day
  CHECK(misfit(rules, "2027-06-01", DayPart::Any) == "too_far");
  rules.week[6] = WorkingDay{{9h, 13h}, Hours{12h, 13h}};
  CHECK(misfit(rules, "2026-12-05", DayPart::Afternoon) == "outside_hours");
  rules.closed = {day("2026-12-02"), day("2026-12-25")};
  rules.openings[day("2026-12-06")] = {{13h, 15h}, std::nullopt};
  CHECK(misfit(rules, "2026-12-02", DayPart::Morning) == "closed");
  CHECK(misfit(rules, "2026-12-25", DayPart::Any) == "closed");
  CHECK(misfit(rules, "2026-12-06", DayPart::Morning) == "outside_hours");
  CHECK(misfit(rules, "2026-12-06", DayPart::Any) == "fits");
}

TEST_CASE("A window is over when its last start is nearer than the lead time",
          "[app][core][calendar]") {
  auto rules = usual_calendar();  // two hours ahead; the last start before noon is 11:30
  CHECK(misfit(rules, "2026-12-01", DayPart::Morning, at("2026-12-01T09:30")) == "fits");
  CHECK(misfit(rules, "2026-12-01", DayPart::Morning, at("2026-12-01T09:31")) == "too_soon");
  CHECK(misfit(rules, "2026-12-01", DayPart::Any, at("2026-12-01T15:30")) == "fits");
  CHECK(misfit(rules, "2026-12-01", DayPart::Any, at("2026-12-01T15:31")) == "too_soon");
  rules.lead_time = 24h;
  CHECK(misfit(rules, "2026-12-02", DayPart::Morning) == "fits");
  CHECK(misfit(rules, "2026-12-01", DayPart::Any) == "too_soon");
}

TEST_CASE("A time is offered when its half hour is worked", "[app][core][calendar]") {
  auto rules = usual_calendar();
  rules.closed = {day("2026-12-03")};
  rules.openings[day("2026-12-06")] = {{22h, 24h}, std::nullopt};
  struct Row {
    const char* date;
    const char* time;
    const char* misfit;
  };
  const auto row = GENERATE(values<Row>({
      {"2026-12-02", "09:00", "fits"},
      {"2026-12-02", "08:30", "outside_hours"},
      {"2026-12-02", "11:30", "fits"},
      {"2026-12-02", "12:00", "lunch"},
      {"2026-12-02", "12:30", "lunch"},
      {"2026-12-02", "13:00", "fits"},
      {"2026-12-02", "17:30", "fits"},
      {"2026-12-02", "18:00", "outside_hours"},
      {"2026-12-05", "12:30", "fits"},  // a Saturday, without lunch
      {"2026-12-05", "13:00", "outside_hours"},
      {"2026-12-03", "10:00", "closed"},
      {"2026-12-25", "10:00", "holiday"},
      {"2026-12-06", "23:30", "fits"},  // an opening
      {"2026-12-06", "10:00", "outside_hours"},
      {"2027-06-01", "10:00", "too_far"},
  }));
  CAPTURE(row.date, row.time);
  CHECK(misfit(rules, row.date, row.time) == row.misfit);
}

TEST_CASE("A time is over when it is nearer than the lead time", "[app][core][calendar]") {
  const auto rules = usual_calendar();
  CHECK(misfit(rules, "2026-12-01", "10:00", at("2026-12-01T08:00")) == "fits");
  CHECK(misfit(rules, "2026-12-01", "10:00", at("2026-12-01T08:01")) == "too_soon");
}

TEST_CASE("The offered days leave out what is rested on", "[app][core][calendar]") {
  auto rules = usual_calendar();
  rules.closed = {day("2026-12-03")};
  rules.week[6] = WorkingDay{{9h, 12h}, std::nullopt};
  rules.horizon = std::chrono::days{6};
  const auto offered = offered_days(rules, at("2026-12-01T12:00"), std::chrono::days{30});
  struct Row {
    const char* date;
    bool morning;
    bool afternoon;
  };
  const std::vector<Row> rows{{"2026-12-01", false, true},
                              {"2026-12-02", true, true},
                              {"2026-12-04", true, true},
                              {"2026-12-05", true, false},
                              {"2026-12-07", true, true}};
  REQUIRE(offered.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(rows[i].date);
    CHECK(offered[i].date == day(rows[i].date));
    CHECK(offered[i].has(DayPart::Morning) == rows[i].morning);
    CHECK(offered[i].has(DayPart::Afternoon) == rows[i].afternoon);
  }
  CHECK(times_of(offered[0]) == "14:00 14:30 15:00 15:30 16:00 16:30 17:00 17:30");
  CHECK(times_of(offered[3]) == "09:00 09:30 10:00 10:30 11:00 11:30");
}

TEST_CASE("What is offered and what is taken are the same", "[app][core][calendar]") {
  auto rules = usual_calendar();
  rules.openings[day("2026-12-06")] = {{0h, 24h}, Hours{12h, 13h}};
  const auto now = at("2026-12-01T13:10");
  const auto offered = offered_days(rules, now, std::chrono::days{14});
  for (std::chrono::days ahead{0}; ahead < std::chrono::days{14}; ++ahead) {
    const Date date{std::chrono::sys_days{day("2026-12-01")} + ahead};
    const auto found = std::ranges::find(offered, date, &OfferedDay::date);
    CAPTURE(format_date(date));
    const auto taken = [&](DayPart part) {
      return !misfit_of(rules, PreferredWindow{date, part}, now);
    };
    for (const auto half : {DayPart::Morning, DayPart::Afternoon})
      CHECK(taken(half) == (found != offered.end() && found->has(half)));
    CHECK(taken(DayPart::Any) == (found != offered.end()));
    for (std::chrono::minutes start{0}; start < 24h; start += kGranule) {
      CAPTURE(format_clock(start));
      const bool is_offered =
          found != offered.end() && std::ranges::find(found->starts, start) != found->starts.end();
      CHECK(is_offered == !misfit_of(rules, PreferredWindow{date, half_of(start), start}, now));
    }
  }
}
