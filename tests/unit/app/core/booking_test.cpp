#include "app/core/booking.hpp"

#include "tests/support/catch.hpp"

using namespace booking::core;

TEST_CASE("Words and stored numbers read back", "[app][core]") {
  for (std::int64_t number = -1; number < 12; ++number) {
    CAPTURE(number);
    const auto service = service_of(number);
    CHECK(service.has_value() == (number >= 1 && number <= 5));
    if (service) CHECK(parse_service(to_string(*service)) == service);
    const auto status = status_of(number);
    CHECK(status.has_value() == (number >= 1 && number <= 7));
    if (status) CHECK(parse_status(to_string(*status)) == status);
    const auto part = day_part_of(number);
    CHECK(part.has_value() == (number >= 1 && number <= 3));
    if (part) CHECK(parse_day_part(to_string(*part)) == part);
  }
  CHECK(half_of(std::chrono::minutes{0}) == DayPart::Morning);
  CHECK(half_of(std::chrono::minutes{719}) == DayPart::Morning);
  CHECK(half_of(std::chrono::minutes{720}) == DayPart::Afternoon);
  CHECK_FALSE(parse_service("Leak"));
  CHECK_FALSE(parse_status(""));
  CHECK(static_cast<int>(Service::Freeze) == 3);  // stored: must never change
  CHECK(static_cast<int>(Status::Approved) == 3);
}
