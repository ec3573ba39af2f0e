#include "app/core/amendment.hpp"

#include "tests/support/catch.hpp"

using namespace booking::core;

namespace {

const auto kNow = parse_rfc3339("2026-12-01T09:00:00+09:00").value();

}  // namespace

TEST_CASE("An amendment is judged by the request's own rules", "[app][core][amendment]") {
  CHECK(validate(AmendmentDraft{}, kNow, usual_calendar()).errors.front().code == "required");
  const auto good = validate(AmendmentDraft{"새 증상", std::nullopt, {{{"2026-12-03", "morning"}}}},
                             kNow, usual_calendar());
  REQUIRE(good.amendment);
  CHECK(good.amendment->description == "새 증상");
  CHECK_FALSE(good.amendment->address);
  CHECK(good.amendment->preferred->front().part == DayPart::Morning);

  const auto bad = validate(AmendmentDraft{"", std::string(201, 'x'), {{{"2026-11-30", ""}}}}, kNow,
                            usual_calendar());
  REQUIRE(bad.errors.size() == 3);
  CHECK(bad.errors[0].pointer == "/description");
  CHECK(bad.errors[1].pointer == "/address");
  CHECK(bad.errors[2].pointer == "/preferred/0/date");
}

TEST_CASE("Who asked can be reached elsewhere: a name and a number are an amendment too",
          "[app][core][amendment]") {
  AmendmentDraft draft;
  draft.name = "  김하늘 ";
  draft.new_phone = "010 2345 6789";
  const auto good = validate(draft, kNow, usual_calendar());
  REQUIRE(good.amendment);
  CHECK(good.amendment->name == "김하늘");
  CHECK(good.amendment->phone->e164() == "+821023456789");
  CHECK(fields_of(*good.amendment) == "name, phone");

  draft.new_phone = "12";
  draft.name = "";
  const auto bad = validate(draft, kNow, usual_calendar());
  REQUIRE(bad.errors.size() == 2);
  CHECK(bad.errors[0].pointer == "/name");
  CHECK(bad.errors[1].pointer == "/new_phone");
}

TEST_CASE("Once a visit is promised only other times can be wished for", "[app][core][amendment]") {
  Amendment times;
  times.preferred.emplace();
  Amendment place;
  place.address = "서울";
  Amendment name;
  name.name = "김하늘";
  Amendment phone;
  phone.phone = Phone::parse("010-2345-6789");
  for (const auto& other : {place, name, phone}) {
    for (const auto status : {Status::Requested, Status::Quoted}) CHECK(fits(other, status));
    for (const auto status : {Status::Approved, Status::Scheduled})
      CHECK_FALSE(fits(other, status));
  }
  for (const auto status : {Status::Approved, Status::Scheduled}) CHECK(fits(times, status));
}

TEST_CASE("A detail alone is of the same building, and with a building of that one",
          "[app][core][amendment]") {
  const BookingRequest request{
      Service::Leak, "a", "b", "flat", "c", Phone::parse("02-123-4567").value(), {}};
  Amendment change;
  change.address_detail = "attic";
  CHECK(whole_address(amended(request, change)) == "b, attic");
  CHECK(fields_of(change) == "address");
  change.address = "d";
  CHECK(whole_address(amended(request, change)) == "d, attic");
  change.address_detail = "";
  CHECK(whole_address(amended(request, change)) == "d");
  AmendmentDraft draft;
  draft.address_detail = "x";
  CHECK(validate(draft, kNow, usual_calendar()).amendment->address_detail == "x");
  CHECK_FALSE(fits(change, Status::Approved));
}

TEST_CASE("What is not given stays", "[app][core][amendment]") {
  const BookingRequest request{
      Service::Leak, "a", "b", "flat", "c", Phone::parse("02-123-4567").value(), {}};
  Amendment change;
  change.address = "d";
  const auto changed = amended(request, change);
  CHECK(changed.description == "a");
  CHECK(changed.address_detail.empty());  // it was of the other building
  CHECK(changed.address == "d");
  CHECK(changed.name == "c");
  CHECK(changed.phone == request.phone);
  CHECK(checked_reason("  두 줄\n이유 ") == "두 줄\n이유");
  CHECK(checked_reason("") == "");
  CHECK_FALSE(checked_reason(std::string(501, 'x')));
  CHECK_FALSE(checked_reason("\x01"));
  std::string unseen;
  for (int i = 0; i < 501; ++i) unseen += "\u3164";
  CHECK_FALSE(checked_reason(unseen));
}
