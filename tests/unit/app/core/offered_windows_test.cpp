#include "app/core/offered_windows.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/app/core/shop_dates.hpp"

#include <string>

using namespace booking::core;
using namespace std::chrono_literals;

namespace {

std::string misfit(const CalendarRules& rules, const char* date, DayPart part,
                   common::WallTime now = kNow) {
  const auto found = misfit_of(rules, PreferredWindow{day(date), part}, now);
  return found ? std::string{to_string(*found)} : "fits";
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

TEST_CASE("The offered days leave out what is rested on", "[app][core][calendar]") {
  auto rules = usual_calendar();
  rules.closed = {day("2026-12-03")};
  rules.week[6] = WorkingDay{{9h, 12h}, std::nullopt};
  CHECK(offered_days(rules, at("2026-12-01T12:00"), std::chrono::days{7}) ==
        std::vector<OfferedDay>{{day("2026-12-01"), false, true},
                                {day("2026-12-02"), true, true},
                                {day("2026-12-04"), true, true},
                                {day("2026-12-05"), true, false},
                                {day("2026-12-07"), true, true}});
}
