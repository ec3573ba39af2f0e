#include "app/store/sealed_values.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <future>
#include <set>

using namespace booking;
using namespace std::chrono_literals;
using store::CreateOutcome;
using store::CreateRefusal;
using store::MoveOutcome;
using store::MoveRefusal;

namespace {

store::Created create(store::Store& db, const store::CreateBooking& command) {
  const auto outcome = await<CreateOutcome>(db.create_booking(command));
  REQUIRE(outcome);
  REQUIRE(std::holds_alternative<store::Created>(*outcome));
  return std::get<store::Created>(*outcome);
}

core::Visit visit_at(const std::string& technician, std::chrono::minutes offset,
                     std::chrono::minutes duration = 90min) {
  const auto base = core::parse_rfc3339("2030-01-07T10:00:00+09:00").value();
  return {technician, base + offset, duration};
}

store::Transition approval(const core::BookingNumber& number, const core::Visit& visit) {
  return {.number = number,
          .move = core::Move::Approve,
          .visit = visit,
          .actor = {"owner", "192.0.2.7"},
          .now = common::wall_now()};
}

std::int64_t count(const std::string& sql, const std::vector<store::Parameter>& parameters) {
  auto root = other_session();
  return root->query(sql.c_str(), parameters).at(0).integer(0);
}

}  // namespace

TEST_CASE("A booking made is found by number and phone, and as it was given", "[store]") {
  const auto db = any_store();
  const auto command = new_booking();
  const auto made = create(*db, command);
  CHECK_FALSE(made.replayed);

  const auto found = look_up(*db, made.receipt.number, command.request.phone);
  REQUIRE(found);
  REQUIRE(found->has_value());
  const auto& booking = **found;
  CHECK(booking.request == command.request);
  CHECK(booking.status == core::Status::Requested);
  CHECK(booking.created == command.now);
  CHECK(booking.number == made.receipt.number);
  CHECK_FALSE(booking.visit);

  const auto other_phone = core::Phone::parse("02-123-4567").value();
  CHECK_FALSE(look_up(*db, made.receipt.number, other_phone)->has_value());
  const auto other_number = core::BookingNumber::from_entropy(store::system_entropy());
  CHECK_FALSE(look_up(*db, other_number, command.request.phone)->has_value());
}

TEST_CASE("The same key gives the same receipt, another request under it is refused", "[store]") {
  const auto db = any_store();
  auto command = new_booking();
  const auto first = create(*db, command);
  await<MoveOutcome>(db->move(approval(first.receipt.number, visit_at(unique_name("기사"), 0min))));

  command.now += 1s;
  const auto second = create(*db, command);
  CHECK(second.replayed);
  CHECK(second.receipt.number == first.receipt.number);
  CHECK(second.receipt.created == first.receipt.created);
  CHECK(second.receipt.status == core::Status::Requested);

  auto other = new_booking(command.idempotency_key);
  other.fingerprint.front() ^= 1U;
  const auto refused = await<CreateOutcome>(db->create_booking(other));
  REQUIRE(refused);
  CHECK(std::get<CreateRefusal>(*refused) == CreateRefusal::KeyMismatch);
}

TEST_CASE("A key is case-sensitive and lives for 72 hours", "[store]") {
  const auto db = any_store();
  auto command = new_booking(unique_name("Key-"));
  const auto first = create(*db, command);

  auto upper = new_booking(command.idempotency_key);
  upper.idempotency_key.front() = 'k';
  CHECK_FALSE(create(*db, upper).replayed);

  command.now += core::kIdempotencyLifetime;
  const auto later = create(*db, command);
  CHECK_FALSE(later.replayed);
  CHECK(later.receipt.number != first.receipt.number);
}

TEST_CASE("A key held by a transaction under way is answered with running", "[store][mariadb]") {
  const auto db = any_store();
  const auto command = new_booking();
  auto root = other_session();
  root->run("START TRANSACTION");
  root->execute(
      "INSERT INTO idempotency (idempotency_key, fingerprint, booking_id, status, created_us) "
      "VALUES (?, ?, ?, 1, 1)",
      {store::Blob{command.idempotency_key}, store::Blob{std::string(32, 'f')},
       store::Blob{std::string(16, 'i')}});
  const auto outcome = await<CreateOutcome>(db->create_booking(command));
  root->run("ROLLBACK");
  REQUIRE(outcome);
  CHECK(std::get<CreateRefusal>(*outcome) == CreateRefusal::KeyRunning);
}

TEST_CASE("Fifty concurrent requests with one key make one booking", "[store]") {
  const auto db = any_store();
  const auto command = new_booking();
  std::vector<store::Awaitable<CreateOutcome>> operations;
  for (int i = 0; i < 50; ++i) operations.push_back(db->create_booking(command));

  std::set<std::string> numbers;
  int fresh = 0;
  for (const auto& outcome : await_all<CreateOutcome>(std::move(operations))) {
    REQUIRE(outcome);
    if (std::holds_alternative<CreateRefusal>(*outcome)) {
      CHECK(std::get<CreateRefusal>(*outcome) == CreateRefusal::KeyRunning);
      continue;
    }
    const auto& created = std::get<store::Created>(*outcome);
    numbers.insert(created.receipt.number.text());
    fresh += created.replayed ? 0 : 1;
  }
  CHECK(fresh == 1);
  CHECK(numbers.size() == 1);
  CHECK(count("SELECT COUNT(*) FROM booking b JOIN customer c ON c.id = b.customer_id WHERE "
              "c.phone = ?",
              {store::phone_token(test_vault(), command.request.phone)}) == 1);
}

TEST_CASE("Fifty first bookings of one telephone number share one customer", "[store]") {
  const auto db = any_store();
  const auto phone = new_booking().request.phone;
  std::vector<store::Awaitable<CreateOutcome>> operations;
  for (int i = 0; i < 50; ++i) {
    auto command = new_booking();
    command.request.phone = phone;
    operations.push_back(db->create_booking(std::move(command)));
  }
  for (const auto& outcome : await_all<CreateOutcome>(std::move(operations))) {
    REQUIRE(outcome);
    CHECK(std::holds_alternative<store::Created>(*outcome));
  }
  CHECK(count("SELECT COUNT(*) FROM customer WHERE phone = ?",
              {store::phone_token(test_vault(), phone)}) == 1);
}

TEST_CASE("A booking does not wait for another one of the same telephone number",
          "[store][mariadb]") {
  const auto db = any_store();
  const auto first = new_booking();
  const auto number = create(*db, first).receipt.number;
  auto root = other_session();
  write_another(*root, number);
  // As long as the other one's commit takes, which is a replica's answer away: else all bookings of
  // a telephone number would come one after the other.
  auto third = new_booking();
  third.request.phone = first.request.phone;
  const auto made = await<CreateOutcome>(db->create_booking(third));
  root->run("ROLLBACK");
  REQUIRE(made);
  CHECK(std::holds_alternative<store::Created>(*made));
}

TEST_CASE("Who is forgotten while their next booking waits is somebody new to it",
          "[store][mariadb]") {
  const auto db = any_store();
  const auto first = new_booking();
  const auto number = create(*db, first).receipt.number;
  auto second = new_booking();
  second.request.phone = first.request.phone;

  auto root = other_session();
  root->run("START TRANSACTION");
  root->execute("UPDATE booking SET anonymised_us = 1 WHERE number = ?", {number.text()});
  root->execute(
      "UPDATE customer SET phone = ?, phone_sealed = NULL, phone_index = NULL WHERE phone = ?",
      {"+82" + unique_name("x").substr(0, 15),
       store::phone_token(test_vault(), first.request.phone)});
  auto waiting = std::async(std::launch::async,
                            [&] { return await<CreateOutcome>(db->create_booking(second)); });
  // Its row holds on to the customer's, which is not free yet.
  const bool waits = eventually([] {
    const auto told =
        other_session()->query("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
    return told.at(0).text(1) != "0";
  });
  root->run("COMMIT");
  const auto outcome = waiting.get();
  CHECK(waits);
  REQUIRE(outcome);
  const auto made = std::get<store::Created>(*outcome);
  const auto found = look_up(*db, made.receipt.number, second.request.phone);
  REQUIRE(found);
  CHECK(found->has_value());
}

TEST_CASE("Of fifty concurrent overlapping approvals one wins", "[store]") {
  const auto db = any_store();
  const auto technician = unique_name("기사");
  std::vector<core::BookingNumber> numbers;
  for (int i = 0; i < 50; ++i) numbers.push_back(create(*db, new_booking()).receipt.number);

  std::vector<store::Awaitable<MoveOutcome>> operations;
  for (int i = 0; i < 50; ++i) {
    // They start at three different times and all cover 11:00 to 11:30.
    const auto visit = visit_at(technician, 30min * (i % 3));
    operations.push_back(db->move(approval(numbers[static_cast<std::size_t>(i)], visit)));
  }
  int won = 0;
  int taken = 0;
  for (const auto& outcome : await_all<MoveOutcome>(std::move(operations))) {
    REQUIRE(outcome);
    if (const auto* booking = std::get_if<store::Moved>(&*outcome)) {
      ++won;
      CHECK(booking->booking.status == core::Status::Approved);
    } else {
      taken += std::get<MoveRefusal>(*outcome) == MoveRefusal::SlotTaken ? 1 : 0;
    }
  }
  CHECK(won == 1);
  CHECK(taken == 49);
  CHECK(count("SELECT COUNT(*) FROM slot_claim WHERE technician = ?", {technician}) == 3);
  CHECK(count("SELECT COUNT(*) FROM booking WHERE technician = ?", {technician}) == 1);
}

TEST_CASE("Visits that only touch both fit, and a technician is not another", "[store]") {
  const auto db = any_store();
  const auto technician = unique_name("기사");
  const auto approve = [&](const core::Visit& visit) {
    const auto number = create(*db, new_booking()).receipt.number;
    const auto outcome = await<MoveOutcome>(db->move(approval(number, visit)));
    REQUIRE(outcome);
    return std::holds_alternative<store::Moved>(*outcome);
  };
  CHECK(approve(visit_at(technician, 0min, 60min)));
  CHECK(approve(visit_at(technician, 60min, 45min)));
  CHECK_FALSE(approve(visit_at(technician, 90min, 30min)));
  CHECK(approve(visit_at(technician + "b", 0min, 60min)));
}

TEST_CASE("An approval is refused for an unknown booking and for one approved already", "[store]") {
  const auto db = any_store();
  const auto technician = unique_name("기사");
  const auto nobody = core::BookingNumber::from_entropy(store::system_entropy());
  auto outcome = await<MoveOutcome>(db->move(approval(nobody, visit_at(technician, 0min))));
  CHECK(std::get<MoveRefusal>(outcome.value()) == MoveRefusal::NotFound);

  const auto number = create(*db, new_booking()).receipt.number;
  const auto first = approval(number, visit_at(technician, 0min));
  outcome = await<MoveOutcome>(db->move(first));
  const auto& booking = std::get<store::Moved>(outcome.value()).booking;
  CHECK(booking.visit == first.visit);
  CHECK(booking.version == 2);
  CHECK(count("SELECT COUNT(*) FROM audit_log WHERE action = 'booking.approve' AND subject = ?",
              {number.text()}) == 1);

  outcome = await<MoveOutcome>(db->move(approval(number, visit_at(technician, 600min))));
  CHECK(std::get<MoveRefusal>(outcome.value()) == MoveRefusal::IllegalMove);
}

TEST_CASE("Two approvals of one booking at once: one wins", "[store]") {
  const auto db = any_store();
  const auto number = create(*db, new_booking()).receipt.number;
  std::vector<store::Awaitable<MoveOutcome>> operations;
  for (int i = 0; i < 10; ++i)
    operations.push_back(db->move(approval(number, visit_at(unique_name("기사"), 0min))));
  int won = 0;
  for (const auto& outcome : await_all<MoveOutcome>(std::move(operations))) {
    REQUIRE(outcome);
    won += std::holds_alternative<store::Moved>(*outcome) ? 1 : 0;
  }
  CHECK(won == 1);
}

TEST_CASE("Pages follow one another without a gap or a double, also over equal times", "[store]") {
  const auto db = any_store();
  const auto now = common::wall_now() + 24h;  // newer than what other tests made
  std::set<std::string> made;
  for (int i = 0; i < 25; ++i) {
    auto command = new_booking();
    command.now = now + std::chrono::seconds{i / 10};  // ten at each time
    made.insert(create(*db, command).receipt.number.text());
  }
  std::set<std::string> seen;
  std::vector<common::WallTime> order;
  std::optional<store::Cursor> after;
  for (int page = 0; page < 4; ++page) {
    const auto result =
        await<store::BookingPage>(db->list_bookings({core::Status::Requested, after, 7}));
    REQUIRE(result);
    REQUIRE(result->bookings.size() == 7);
    for (const auto& booking : result->bookings) {
      CHECK(seen.insert(booking.number.text()).second);
      CHECK(booking.request.preferred.size() == 2);
      order.push_back(booking.created);
    }
    if (page == 0) made.insert(create(*db, new_booking()).receipt.number.text());  // pages stay
    REQUIRE(result->next);
    after = store::parse_cursor(store::to_text(*result->next));
  }
  CHECK(std::is_sorted(order.rbegin(), order.rend()));
  int found = 0;
  for (const auto& number : made) found += seen.count(number) != 0 ? 1 : 0;
  CHECK(found >= 25);

  const auto all = await<store::BookingPage>(db->list_bookings({{}, {}, 5000}));
  REQUIRE(all);
  CHECK(all->bookings.size() <= store::kMaxPage);
}

TEST_CASE("A page has no next one when nothing follows", "[store]") {
  const auto db = any_store();
  const auto done =
      await<store::BookingPage>(db->list_bookings({core::Status::Cancelled, {}, 100}));
  REQUIRE(done);
  CHECK(done->bookings.empty());
  CHECK_FALSE(done->next);
}

TEST_CASE("A number that is taken is drawn again", "[store]") {
  // Draws come in the order id, id, number for a new booking: the third one is the number's.
  const auto scripted = [](std::uint64_t third) {
    return [third, calls = std::make_shared<std::atomic<int>>(0)] {
      return ++*calls == 3 ? third : store::system_entropy();
    };
  };
  const auto bits = store::system_entropy();
  const auto first = create(*any_store(scripted(bits)), new_booking());
  const auto second = create(*any_store(scripted(bits)), new_booking());
  CHECK(first.receipt.number == core::BookingNumber::from_entropy(bits));
  CHECK(second.receipt.number != first.receipt.number);
}

TEST_CASE("Failed logins are counted once each, forgotten and cleared", "[store]") {
  const auto db = any_store();
  const auto subject = unique_name("user:");
  const auto now = common::wall_now();
  CHECK(await<store::LoginFailures>(db->read_login_failures(subject))->count == 0);

  std::vector<store::Awaitable<store::LoginFailures>> operations;
  for (int i = 0; i < 20; ++i) operations.push_back(db->record_login_failure(subject, now, 24h));
  for (const auto& one : await_all<store::LoginFailures>(std::move(operations))) REQUIRE(one);
  const auto counted = await<store::LoginFailures>(db->read_login_failures(subject));
  CHECK(counted->count == 20);
  CHECK(counted->last == now);
  std::array<std::string, 2> subjects{unique_name("user:"), subject};
  const auto both =
      await<std::array<store::LoginFailures, 2>>(db->read_login_failures(std::move(subjects)));
  CHECK(both.value()[0].count == 0);
  CHECK(both.value()[1].count == 20);

  CHECK(await<store::LoginFailures>(db->record_login_failure(subject, now + 25h, 24h))->count == 1);
  REQUIRE(await<store::Done>(db->clear_login_failures(subject)));
  CHECK(await<store::LoginFailures>(db->read_login_failures(subject))->count == 0);
}

TEST_CASE("The database itself refuses what the rules forbid", "[store]") {
  const auto db = any_store();
  auto root = other_session();
  const store::Blob id{std::string(16, 'x')};
  CHECK_THROWS_AS(root->execute("INSERT INTO customer VALUES (?, '010', 'n', 1)", {id}),
                  store::SqlError);
  CHECK_THROWS_AS(root->run("UPDATE booking SET status = 9"), store::SqlError);
  CHECK_THROWS_AS(root->execute("INSERT INTO slot_claim VALUES ('t', 1, ?)", {id}),
                  store::SqlError);
  CHECK_THROWS_AS(root->execute("INSERT INTO preferred_window (booking_id, position, day, part) "
                                "VALUES (?, 0, 20300107, 1)",
                                {id}),
                  store::SqlError);
}
