#include "app/core/holidays.hpp"

#include "tests/support/catch.hpp"

#include <set>
#include <string>

using namespace booking::core;

namespace {

std::string days_of(int year, bool substitutes) {
  std::set<std::string> days;  // two on one day are one day
  for (const auto& holiday : public_holidays(year))
    if (holiday.substitute == substitutes) days.insert(format_date(holiday.date).substr(5));
  std::string text;
  for (const auto& day : days) text += day + ' ';
  return text;
}

}  // namespace

// As published by the government for each year, without days of elections.
TEST_CASE("Korea's public holidays fall where the almanac has them", "[app][core][calendar]") {
  CHECK(days_of(2024, false) ==
        "01-01 02-09 02-10 02-11 03-01 05-05 05-15 06-06 08-15 09-16 09-17 09-18 10-03 10-09 "
        "12-25 ");
  CHECK(days_of(2026, false) ==
        "01-01 02-16 02-17 02-18 03-01 05-01 05-05 05-24 06-06 07-17 08-15 09-24 09-25 09-26 "
        "10-03 10-09 12-25 ");
  CHECK(days_of(2027, false) ==
        "01-01 02-06 02-07 02-08 03-01 05-01 05-05 05-13 06-06 07-17 08-15 09-14 09-15 09-16 "
        "10-03 10-09 12-25 ");
}

TEST_CASE("Substitute days make good for Sundays, Saturdays and doubles", "[app][core][calendar]") {
  CHECK(days_of(2024, true) == "02-12 05-06 ");
  CHECK(days_of(2025, true) == "03-03 05-06 10-08 ");  // two on 5 May; Chuseok's eve on a Sunday
  CHECK(days_of(2026, true) == "03-02 05-25 08-17 10-05 ");  // Chuseok on a Saturday gives none
  CHECK(days_of(2027, true) == "02-09 05-03 07-19 08-16 10-04 10-11 12-27 ");
  CHECK(days_of(2028, true) == "10-05 ");  // National Foundation Day on Chuseok
}

TEST_CASE("Beyond the table of the moon the sun's days are still known", "[app][core][calendar]") {
  CHECK(days_of(2041, false).starts_with("01-01 03-01 05-01 "));
  CHECK(is_public_holiday(parse_date("2041-12-25").value()));
  CHECK_FALSE(is_public_holiday(parse_date("2026-12-24").value()));
}
