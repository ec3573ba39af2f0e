#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <set>

using namespace booking;
using namespace std::chrono_literals;

namespace {

const store::Actor kActor{"owner", "192.0.2.7"};

}  // namespace

TEST_CASE("A consent is kept with the words it was given to", "[store][office]") {
  const auto db = any_store();
  auto command = new_booking();
  command.request.marketing = true;
  command.texts.marketing.fill(7);
  const auto booking = make_booking(*db, command);
  const auto story = await<store::Story>(db->story(booking.id)).value();
  REQUIRE(story.consents.size() == 1);
  const auto& consent = story.consents.front();
  CHECK(consent.kind == core::ConsentKind::Marketing);
  CHECK(consent.notice == core::kNoticeVersion);
  CHECK(consent.text == command.texts.marketing);
  CHECK(consent.given == command.now);

  // One of before the words were kept is shown as what it is.
  other_session()->execute("UPDATE consent SET text_hash = NULL WHERE booking_id = ?",
                           {store::Blob{{booking.id.begin(), booking.id.end()}}});
  const auto found = await<std::vector<store::Customer>>(
      db->office().find_customers({.phone = booking.request.phone, .last_four = {}}));
  REQUIRE(found);
  const auto file =
      await<std::optional<store::CustomerFile>>(db->office().customer(found->at(0).id)).value();
  REQUIRE(file);
  REQUIRE(file->consents.size() == 1);
  CHECK(file->consents.front().number == booking.number);
  CHECK_FALSE(file->consents.front().consent.text);
}

TEST_CASE("Both parts of an address are kept, changed and forgotten", "[store][office]") {
  const auto db = any_store();
  auto command = new_booking();
  command.request.address = "서울 마포구 월드컵로 1";
  command.request.address_detail = "101동 202호";
  const auto booking = make_booking(*db, command);
  CHECK(booking.request.address_detail == "101동 202호");
  CHECK(core::whole_address(booking.request) == "서울 마포구 월드컵로 1, 101동 202호");
  CHECK(look_up(*db, booking.number, booking.request.phone).value()->request == booking.request);

  const auto change_to = [&](const core::Amendment& amendment) {
    const auto outcome = await<store::MoveOutcome>(db->move({.number = booking.number,
                                                             .move = core::Move::Change,
                                                             .by = core::Party::Guest,
                                                             .phone = booking.request.phone,
                                                             .amendment = amendment,
                                                             .actor = kActor,
                                                             .now = common::wall_now()}))
                             .value();
    return std::get<store::Moved>(outcome).booking.request;
  };
  core::Amendment unit;
  unit.address_detail = "103동 1호";
  CHECK(core::whole_address(change_to(unit)) == "서울 마포구 월드컵로 1, 103동 1호");
  core::Amendment building;
  building.address = "서울 중구 세종대로 110";
  CHECK(core::whole_address(change_to(building)) == "서울 중구 세종대로 110");
  const auto rows = other_session()->query(
      "SELECT address_detail_sealed FROM booking WHERE number = ?", {booking.number.text()});
  CHECK(rows.at(0).is_null(0));
}

TEST_CASE("New wishes count from the shop's last word on the visit", "[store][office]") {
  const auto db = any_store();
  const auto booking = make_booking(*db, new_booking());
  auto now = common::wall_now();
  const auto anew = [&] {
    const auto found =
        await<std::set<core::BookingId>>(db->office().wished_anew({booking.id})).value();
    return found.contains(booking.id);
  };
  const auto move = [&](store::Transition command) {
    now += 1s;
    command.actor = kActor;
    command.now = now;
    const auto outcome = await<store::MoveOutcome>(db->move(std::move(command))).value();
    REQUIRE(std::holds_alternative<store::Moved>(outcome));
  };
  const auto wish = [&] {
    core::Amendment other;
    other.preferred = {{core::parse_date("2027-03-03").value(), core::DayPart::Morning}};
    move({.number = booking.number,
          .move = core::Move::Change,
          .by = core::Party::Guest,
          .phone = booking.request.phone,
          .amendment = std::move(other)});
  };
  const core::Visit visit{unique_name("기사"),
                          core::parse_rfc3339("2027-03-02T10:00:00+09:00").value(), 60min};
  CHECK_FALSE(anew());
  wish();
  CHECK_FALSE(anew());  // nothing is promised yet
  move({.number = booking.number, .move = core::Move::Approve, .visit = visit, .anyway = true});
  CHECK_FALSE(anew());
  wish();
  CHECK(anew());
  auto later = visit;
  later.start += 24h;
  move({.number = booking.number, .move = core::Move::Reschedule, .visit = later, .anyway = true});
  CHECK_FALSE(anew());
  CHECK(await<std::set<core::BookingId>>(db->office().wished_anew({})).value().empty());
}
