#include "app/core/booking.hpp"

#include "tests/support/catch.hpp"

#include <map>
#include <set>

using namespace booking::core;

TEST_CASE("A booking moves as the table says and in no other way", "[app][core]") {
  using enum Status;
  const std::map<Status, std::set<Status>> allowed{
      {Requested, {Quoted, Approved, Rejected, Cancelled}},
      {Quoted, {Quoted, Approved, Rejected, Cancelled}},
      {Approved, {Scheduled, Cancelled}},
      {Scheduled, {Done, Cancelled}},
      {Done, {}},
      {Rejected, {}},
      {Cancelled, {}}};
  for (const auto& [from, targets] : allowed)
    for (const auto& [to, unused] : allowed) {
      CAPTURE(to_string(from), to_string(to));
      CHECK(may_move(from, to) == (targets.count(to) != 0));
    }
}

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
  CHECK_FALSE(parse_service("Leak"));
  CHECK_FALSE(parse_status(""));
  CHECK(static_cast<int>(Service::Freeze) == 3);  // stored: must never change
  CHECK(static_cast<int>(Status::Approved) == 3);
}
