#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <array>

using namespace booking;
using store::CreateOutcome;

namespace {

core::BookingNumber make(store::Store& db, const store::CreateBooking& command) {
  const auto outcome = await<CreateOutcome>(db.create_booking(command));
  return std::get<store::Created>(outcome.value()).receipt.number;
}

std::optional<core::Booking> find(store::Store& db, const core::BookingNumber& number,
                                  const core::Phone& phone) {
  return look_up(db, number, phone).value();
}

void reseal_all(store::Store& db) {
  for (int round = 0; round < 100; ++round) {
    const auto done = await<store::Resealed>(db.reseal(200));
    REQUIRE(done);
    if (done->rows() == 0) return;
  }
  FAIL("resealing came to no end");
}

void reseal_with(store::Session& root, const privacy::KeyRing& keys) {
  for (int round = 0; round < 1000; ++round) {
    root.begin();
    const auto done = store::reseal(root, privacy::Vault{keys}, 100);
    root.run("COMMIT");
    if (done.rows() == 0) return;
  }
  FAIL("resealing came to no end");
}

std::string row_text(const core::BookingNumber& number) {
  const auto rows = other_session()->query(
      "SELECT b.description, b.address, b.address_sealed, c.phone, c.phone_sealed, b.reason FROM "
      "booking b JOIN customer c ON c.id = b.customer_id WHERE b.number = ?",
      {number.text()});
  std::string text;
  for (std::size_t i = 0; i < 6; ++i)
    if (!rows.at(0).is_null(i)) text += rows.at(0).text(i) + '|';
  return text;
}

}  // namespace

TEST_CASE("Phone, address and words of a booking stand in no table", "[store][privacy]") {
  const auto db = any_store();
  auto command = new_booking();
  command.request.address = "비밀동 77번지";
  const auto number = make(*db, command);
  store::Transition cancel{.number = number,
                           .move = core::Move::Cancel,
                           .by = core::Party::Guest,
                           .phone = command.request.phone,
                           .reason = "비밀스런 이유",
                           .now = common::wall_now()};
  REQUIRE(
      std::holds_alternative<store::Moved>(await<store::MoveOutcome>(db->move(cancel)).value()));
  const auto text = row_text(number);
  for (const auto& secret : {std::string{"비밀"}, std::string{"수도꼭지"},
                             command.request.phone.e164(), command.request.phone.e164().substr(3)})
    CHECK(text.find(secret) == std::string::npos);
  const auto found = find(*db, number, command.request.phone);
  CHECK(found->request == command.request);
  CHECK(found->reason == "비밀스런 이유");
  const auto story = await<store::Story>(db->story(found->id));
  CHECK(story->events.back().detail == "비밀스런 이유");
}

TEST_CASE("Rows written before there were keys are read, and sealed", "[store][privacy]") {
  const auto db = any_store();
  auto command = new_booking();
  const auto number = make(*db, command);
  const auto booking = find(*db, number, command.request.phone).value();
  // As the first release wrote them.
  auto root = other_session();
  root->execute(
      "UPDATE booking SET description = 'alt', address = 'old road 1', address_sealed = NULL, "
      "key_id = NULL WHERE number = ?",
      {number.text()});
  root->execute(
      "UPDATE customer SET phone = ?, phone_sealed = NULL, phone_index = NULL, phone_last4 = NULL, "
      "key_id = NULL WHERE id = (SELECT customer_id FROM booking WHERE number = ?)",
      {command.request.phone.e164(), number.text()});
  const auto old = find(*db, number, command.request.phone);
  REQUIRE(old);
  CHECK(old->request.address == "old road 1");
  // A second booking finds the same customer, and does not make another one.
  auto second = new_booking();
  second.request.phone = command.request.phone;
  make(*db, second);

  reseal_all(*db);
  CHECK(row_text(number).find("old road") == std::string::npos);
  CHECK(row_text(number).find(command.request.phone.e164()) == std::string::npos);
  const auto now = find(*db, number, command.request.phone);
  REQUIRE(now);
  CHECK(now->request.address == "old road 1");
  CHECK(now->request.description == "alt");
}

TEST_CASE("With a new key everything is sealed anew and the old one can go", "[store][privacy]") {
  auto command = new_booking();
  std::optional<core::BookingNumber> number;
  const auto answered = once("rotate", "told once");
  const std::string username = "rotate-" + answered.key.substr(0, 20);
  const std::array<std::uint8_t, 20> secret{1, 2, 3};
  {
    const auto db = any_store();
    number = make(*db, command);
    const auto begun = await<store::Keyed<store::Outcome>>(
        db->accounts().begin_second_factor(username, secret, answered));
    REQUIRE(std::get<store::Outcome>(begun.value()) == store::Outcome::Done);
  }
  auto root = other_session();
  const auto key_of = [&] {
    return root
        ->query(
            "SELECT b.key_id, c.key_id FROM booking b JOIN customer c ON c.id = b.customer_id "
            "WHERE b.number = ?",
            {number->text()})
        .at(0);
  };
  CHECK(key_of().integer(0) == 1);
  auto keys = test_keys();
  keys.keys[2].fill(0x22);
  keys.active = 2;
  reseal_with(*root, keys);
  CHECK(key_of().integer(0) == 2);
  CHECK(key_of().integer(1) == 2);
  const auto factor =
      root->query("SELECT secret FROM second_factor WHERE username = ?", {username});
  CHECK(privacy::Vault::key_of(factor.at(0).text(0)) == 2U);
  const auto kept = root->query("SELECT body FROM answered_request WHERE idempotency_key = ?",
                                {store::Blob{answered.key}});
  CHECK(privacy::Vault::key_of(kept.at(0).text(0)) == 2U);
  // The old key alone opens nothing any more, and says so.
  const auto blind = look_up(*any_store(), *number, command.request.phone);
  REQUIRE(blind.has_error());
  CHECK(blind.error() == store::Errc::Internal);
  // Back again, for the tests that follow.
  keys.active = 1;
  reseal_with(*root, keys);
  const auto db = any_store();
  CHECK(find(*db, *number, command.request.phone)->request == command.request);
  const auto again = await<std::optional<std::variant<store::Replay, store::KeyRefusal>>>(
      db->office().recall(answered));
  CHECK(std::get<store::Replay>(again.value().value()).body == "told once");
  const auto known =
      await<std::optional<store::SecondFactor>>(db->accounts().find_second_factor(username));
  CHECK(known.value()->secret == secret);
}

TEST_CASE("What is sealed by the key before is found, whatever key its row names",
          "[store][privacy]") {
  const auto db = any_store();
  auto command = new_booking();
  command.request.address_detail = "비밀동 902호";
  const auto number = make(*db, command);
  store::Transition cancel{.number = number,
                           .move = core::Move::Cancel,
                           .by = core::Party::Guest,
                           .phone = command.request.phone,
                           .reason = "이사합니다",
                           .now = common::wall_now()};
  REQUIRE(
      std::holds_alternative<store::Moved>(await<store::MoveOutcome>(db->move(cancel)).value()));
  auto root = other_session();
  const auto ids = root->query(
      "SELECT b.id, b.customer_id, e.id FROM booking b JOIN booking_event e ON e.booking_id = b.id "
      "WHERE b.number = ? AND e.detail <> ''",
      {number.text()});
  REQUIRE(ids.size() == 1);
  const store::Blob booking{ids[0].text(0)};
  const store::Blob customer{ids[0].text(1)};
  const store::Blob event{ids[0].text(2)};
  root->execute("UPDATE customer SET note = ? WHERE id = ?",
                {store::seal(test_vault(), store::kNoteColumn, store::octets_of<16>(ids[0].text(1)),
                             "개 조심"),
                 customer});

  struct Place {
    const char* read;
    const char* write;
    const store::Blob& row;
  };
  const std::array places{
      Place{"SELECT description FROM booking WHERE id = ?",
            "UPDATE booking SET description = ? WHERE id = ?", booking},
      Place{"SELECT address_sealed FROM booking WHERE id = ?",
            "UPDATE booking SET address_sealed = ? WHERE id = ?", booking},
      Place{"SELECT address_detail_sealed FROM booking WHERE id = ?",
            "UPDATE booking SET address_detail_sealed = ? WHERE id = ?", booking},
      Place{"SELECT reason FROM booking WHERE id = ?", "UPDATE booking SET reason = ? WHERE id = ?",
            booking},
      Place{"SELECT detail FROM booking_event WHERE id = ?",
            "UPDATE booking_event SET detail = ? WHERE id = ?", event},
      Place{"SELECT phone_sealed FROM customer WHERE id = ?",
            "UPDATE customer SET phone_sealed = ? WHERE id = ?", customer},
      Place{"SELECT note FROM customer WHERE id = ?", "UPDATE customer SET note = ? WHERE id = ?",
            customer}};
  const auto value_at = [&](const Place& place) {
    return root->query(place.read, {place.row}).at(0).text(0);
  };
  std::vector<std::string> before;
  before.reserve(places.size());
  for (const auto& place : places) before.push_back(value_at(place));
  auto keys = test_keys();
  keys.keys[2].fill(0x22);
  keys.active = 2;
  reseal_with(*root, keys);
  // A node that still seals by the first key, or a release that leaves alone what it does not know.
  for (std::size_t i = 0; i < places.size(); ++i) {
    INFO(places[i].read);
    CHECK(privacy::Vault::key_of(before[i]) == 1U);
    CHECK(privacy::Vault::key_of(value_at(places[i])) == 2U);
    root->execute(places[i].write, {before[i], places[i].row});
    reseal_with(*root, keys);
    CHECK(privacy::Vault::key_of(value_at(places[i])) == 2U);
  }
  // Back again, for the tests that follow.
  keys.active = 1;
  reseal_with(*root, keys);
  const auto found = find(*db, number, command.request.phone);
  CHECK(found->request == command.request);
  CHECK(found->reason == "이사합니다");
}

TEST_CASE("What is changed while it is sealed anew is not written over",
          "[store][mariadb][privacy]") {
  const auto db = any_store();
  const auto command = new_booking();
  const auto number = make(*db, command);
  auto root = other_session();
  const auto customer = store::octets_of<16>(
      root->query("SELECT customer_id FROM booking WHERE number = ?", {number.text()})
          .at(0)
          .text(0));
  const auto write_note = [&](const std::string& note) {
    store::CustomerChange change;
    change.id = customer;
    change.note = note;
    change.actor = {"owner", "192.0.2.7"};
    change.now = common::wall_now();
    const auto written = await<store::CustomerOutcome>(db->office().change_customer(change));
    REQUIRE(std::holds_alternative<std::int64_t>(written.value()));
  };
  write_note("앞문");
  auto keys = test_keys();
  keys.keys[2].fill(0x22);
  keys.active = 2;
  // Until the end of its transaction it reads what stands there now.
  root->run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  root->begin();
  root->query("SELECT COUNT(*) FROM booking");
  store::Transition change{.number = number,
                           .move = core::Move::Change,
                           .by = core::Party::Guest,
                           .phone = command.request.phone,
                           .now = common::wall_now()};
  change.amendment.emplace();
  change.amendment->description = "더 심해졌습니다";
  REQUIRE(
      std::holds_alternative<store::Moved>(await<store::MoveOutcome>(db->move(change)).value()));
  write_note("뒷문");
  store::reseal(*root, privacy::Vault{keys}, 100'000);
  root->run("COMMIT");
  keys.active = 1;
  reseal_with(*root, keys);
  CHECK(find(*db, number, command.request.phone)->request.description == "더 심해졌습니다");
  const auto file = await<std::optional<store::CustomerFile>>(db->office().customer(customer));
  CHECK(file.value()->customer.note == "뒷문");
}

TEST_CASE("A value moved to another row does not open", "[store][privacy]") {
  const auto db = any_store();
  const auto mine = new_booking();
  const auto first = make(*db, mine);
  const auto second = make(*db, new_booking());
  auto root = other_session();
  const auto rows =
      root->query("SELECT address_sealed FROM booking WHERE number = ?", {second.text()});
  const auto own =
      root->query("SELECT address_sealed FROM booking WHERE number = ?", {first.text()});
  const auto put = [&](const std::string& sealed) {
    root->execute("UPDATE booking SET address_sealed = ? WHERE number = ?", {sealed, first.text()});
  };
  put(rows.at(0).text(0));
  CHECK(look_up(*db, first, mine.request.phone).has_error());
  put(own.at(0).text(0));
  CHECK(find(*db, first, mine.request.phone));
}

TEST_CASE("Name and phone together find a guest's bookings", "[store][privacy]") {
  const auto db = any_store();
  auto command = new_booking();
  command.request.name = "김철수";
  const auto number = make(*db, command);
  const auto by_name = [&](const std::string& name, const core::Phone& phone) {
    return await<std::vector<core::Booking>>(db->find_by_name(name, phone)).value();
  };
  REQUIRE(by_name("김철수", command.request.phone).size() == 1);
  CHECK(by_name("김철수", command.request.phone).front().number == number);
  CHECK(by_name("김철순", command.request.phone).empty());
  CHECK(by_name("김철수", new_booking().request.phone).empty());
}
