#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <future>

using namespace booking;
using namespace std::chrono_literals;

namespace {

struct Made {
  core::BookingNumber number;
  core::Phone phone;
  core::BookingId id;
};

Made make(store::Store& db, store::CreateBooking command) {
  const auto phone = command.request.phone;
  const auto outcome = await<store::CreateOutcome>(db.create_booking(std::move(command))).value();
  const auto number = std::get<store::Created>(outcome).receipt.number;
  const auto found = look_up(db, number, phone).value();
  store::PhotoUpload photo{
      .number = number, .phone = phone, .photos = {{"jpeg", 1, 1}}, .now = common::wall_now()};
  REQUIRE(await<store::PhotoOutcome>(db.add_photos(photo)));
  return {number, phone, found->id};
}

void cancel(store::Store& db, const Made& made, common::WallTime now) {
  store::Transition command{.number = made.number,
                            .move = core::Move::Cancel,
                            .by = core::Party::Guest,
                            .phone = made.phone,
                            .reason = "사정",
                            .now = now};
  REQUIRE(
      std::holds_alternative<store::Moved>(await<store::MoveOutcome>(db.move(command)).value()));
}

std::size_t photos(store::Store& db, const Made& made) {
  return await<store::Story>(db.story(made.id))->photos.size();
}

bool found(store::Store& db, const Made& made) {
  return look_up(db, made.number, made.phone)->has_value();
}

std::string column(const Made& made, const char* sql) {
  const auto rows = other_session()->query(sql, {made.number.text()});
  return rows.at(0).is_null(0) ? "NULL" : rows.at(0).text(0);
}

store::RetentionReport retain(store::Store& db, common::WallTime now, bool dry_run) {
  return await<store::RetentionReport>(db.retain({}, now, dry_run)).value();
}

/// How many customers were forgotten.
std::uint64_t retain_all(store::Store& db, common::WallTime now) {
  std::uint64_t customers = 0;
  for (int round = 0; round < 100; ++round) {
    const auto report = retain(db, now, false);
    customers += report.customers;
    if (report.bookings == 0) break;
  }
  return customers;
}

}  // namespace

TEST_CASE("What is over its time loses what is personal, and a dry run only counts",
          "[store][forgetting]") {
  const auto db = any_store();
  const auto now = common::wall_now();
  const auto over = make(*db, new_booking());
  auto consents = new_booking();
  consents.request.keep_photos = true;
  const auto kept = make(*db, consents);
  const auto open = make(*db, new_booking());
  cancel(*db, over, now);
  cancel(*db, kept, now);

  const auto photos_due = now + 91 * 24h;
  CHECK(retain(*db, photos_due, true).photos >= 1);
  CHECK(photos(*db, over) == 1);
  retain_all(*db, photos_due);
  CHECK(photos(*db, over) == 0);
  CHECK(photos(*db, kept) == 1);  // its guest said so
  CHECK(photos(*db, open) == 1);
  CHECK(found(*db, over));

  const auto due = now + 366 * 24h;
  const auto dry = retain(*db, due, true);
  CHECK(dry.bookings >= 2);
  CHECK(found(*db, over));
  CHECK(dry.customers >= 2);
  CHECK(retain_all(*db, due) == dry.customers);
  CHECK(retain(*db, due, true).bookings == 0);
  CHECK_FALSE(found(*db, over));
  CHECK(found(*db, open));
  CHECK(photos(*db, kept) == 0);
  CHECK(column(over, "SELECT contact_name FROM booking WHERE number = ?").empty());
  CHECK(column(over, "SELECT address_sealed FROM booking WHERE number = ?") == "NULL");
  CHECK(column(over,
               "SELECT c.phone_sealed FROM booking b JOIN customer c ON c.id = b.customer_id "
               "WHERE b.number = ?") == "NULL");
  // The row is still there for statistics, and a list can show it.
  const auto page =
      await<store::BookingPage>(db->list_bookings({core::Status::Cancelled, {}, 100}));
  REQUIRE(page);
  bool shown = false;
  for (const auto& booking : page->bookings)
    shown = shown || (booking.number == over.number && booking.anonymised);
  CHECK(shown);
  // Its telephone number is nobody's now: a new booking makes a new customer.
  auto again = new_booking();
  again.request.phone = over.phone;
  CHECK(found(*db, make(*db, again)));
}

TEST_CASE("Who books while what is old is forgotten keeps their telephone number",
          "[store][forgetting][mariadb]") {
  const auto db = any_store();
  const auto now = common::wall_now();
  const auto first = make(*db, new_booking());
  auto second = first;
  auto root = other_session();
  root->execute("UPDATE booking SET anonymised_us = 1 WHERE number = ?", {first.number.text()});
  second.number = write_another(*root, first.number);
  auto forgetting = std::async(std::launch::async, [&] { return retain(*db, now, false); });
  const bool waits = eventually([] {
    const auto told =
        other_session()->query("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
    return told.at(0).text(1) != "0";
  });
  root->run("COMMIT");
  forgetting.get();
  CHECK(waits);
  CHECK(column(second,
               "SELECT c.phone_sealed FROM booking b JOIN customer c ON c.id = b.customer_id "
               "WHERE b.number = ?") != "NULL");
}

TEST_CASE("Idempotency rows, sessions, counters and drafts go in their time",
          "[store][forgetting]") {
  const auto db = any_store();
  const auto now = common::wall_now();
  make(*db, new_booking());
  store::TokenHash draft{};
  draft.fill(static_cast<std::uint8_t>(store::system_entropy()));
  REQUIRE(await<store::PhotoOutcome>(
      db->add_photos({.draft = draft, .photos = {{"x", 1, 1}}, .now = now})));
  REQUIRE(await<store::LoginFailures>(db->record_login_failure(unique_name("user:"), now, 24h)));
  const auto early = retain(*db, now + 23h, true);
  const auto late = retain(*db, now + 73h, true);
  CHECK(late.keys > early.keys);
  CHECK(late.drafts > early.drafts);
  CHECK(late.counters > early.counters);
  retain(*db, now + 73h, false);
  CHECK(retain(*db, now + 73h, true).keys == 0);
  CHECK(await<std::vector<store::Photo>>(db->photos_of_draft(draft))->empty());
}

TEST_CASE("Erasure takes all of a person once nothing is to be done", "[store][forgetting]") {
  const auto db = any_store();
  const auto now = common::wall_now();
  const auto closed = make(*db, new_booking());
  auto second = new_booking();
  second.request.phone = closed.phone;
  second.request.keep_photos = true;
  const auto open = make(*db, second);
  store::Transition quote{
      .number = open.number,
      .move = core::Move::Quote,
      .estimate = core::Estimate{{{"이름 적힌 항목", 30000}}, "설명", now + 48h},
      .actor = {"owner", "192.0.2.7"},
      .now = now};
  REQUIRE(std::holds_alternative<store::Moved>(await<store::MoveOutcome>(db->move(quote)).value()));
  cancel(*db, closed, now);
  const auto customers = await<std::vector<store::Customer>>(
      db->office().find_customers({.phone = closed.phone, .last_four = {}}));
  store::CustomerErasure erasure{
      customers->front().id, "고객 요청", {}, {"owner", "192.0.2.7"}, now};
  const auto erase = [&](const store::CustomerErasure& what) {
    return std::get<store::ErasureOutcome>(
        await<store::Keyed<store::ErasureOutcome>>(
            db->office().erase_customer(what, once(unique_name("erase-"))))
            .value());
  };
  CHECK(erase(erasure) == store::ErasureOutcome::Open);
  CHECK(found(*db, closed));  // nothing of it was done
  CHECK(photos(*db, closed) == 1);
  erasure.cancel = {closed.number};
  CHECK(erase(erasure) == store::ErasureOutcome::Open);
  // Called off in the same step, and only because it is named.
  erasure.cancel = {open.number};
  CHECK(erase(erasure) == store::ErasureOutcome::Done);
  for (const auto& made : {closed, open}) {
    CHECK_FALSE(found(*db, made));
    CHECK(photos(*db, made) == 0);
    CHECK(column(made, "SELECT contact_name FROM booking WHERE number = ?").empty());
  }
  CHECK(other_session()
            ->query("SELECT status FROM booking WHERE number = ?", {open.number.text()})
            .at(0)
            .integer(0) == static_cast<std::int64_t>(core::Status::Cancelled));
  for (const char* words :
       {"SELECT e.note FROM booking b JOIN estimate e ON e.booking_id = b.id WHERE b.number = ?",
        "SELECT i.label FROM booking b JOIN estimate_item i ON i.booking_id = b.id WHERE b.number "
        "= ?"})
    CHECK(column(open, words).empty());
  CHECK(erase(erasure) == store::ErasureOutcome::Done);  // there is nothing left to forget
  auto nobody = erasure;
  nobody.id.fill(0xAB);
  CHECK(erase(nobody) == store::ErasureOutcome::NotFound);
  auto again = new_booking();
  again.request.phone = closed.phone;
  CHECK(found(*db, make(*db, again)));
}
