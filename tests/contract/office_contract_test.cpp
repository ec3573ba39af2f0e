#include "app/records/audit_chain.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace booking;
using namespace std::chrono_literals;
using store::MergeOutcome;
using store::Outcome;

namespace {

const store::Actor kActor{"owner", "192.0.2.7"};

core::Booking make(store::Store& db, const store::CreateBooking& command) {
  const auto made = await<store::CreateOutcome>(db.create_booking(command));
  REQUIRE(made);
  const auto& number = std::get<store::Created>(*made).receipt.number;
  const auto found = await<std::optional<core::Booking>>(db.office().booking(number));
  REQUIRE(found);
  REQUIRE(*found);
  return **found;
}

/// Bookings of one telephone number, a second apart.
std::vector<core::Booking> make_many(store::Store& db, int count) {
  auto command = new_booking();
  std::vector<core::Booking> made;
  for (int i = 0; i < count; ++i) {
    command.idempotency_key = unique_name("office-");
    command.now += 1s;
    made.push_back(make(db, command));
  }
  return made;
}

store::Customer customer_of(store::Store& db, const core::Booking& booking) {
  const auto found = await<std::vector<store::Customer>>(
      db.office().find_customers({.phone = booking.request.phone, .last_four = {}}));
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  return found->front();
}

}  // namespace

TEST_CASE("Earlier bookings are those of the same person made before", "[store][office]") {
  const auto db = any_store();
  const auto made = make_many(*db, 3);
  const auto counts = await<std::map<core::BookingId, std::int64_t>>(
      db->office().earlier_counts({made[0].id, made[2].id}));
  REQUIRE(counts);
  CHECK(*counts == std::map<core::BookingId, std::int64_t>{{made[2].id, 2}});
  const auto earlier = await<std::vector<store::PastBooking>>(db->office().earlier(made[2].id));
  REQUIRE(earlier);
  REQUIRE(earlier->size() == 2);
  CHECK(earlier->front().number == made[1].number);
  CHECK(await<std::map<core::BookingId, std::int64_t>>(db->office().earlier_counts({}))->empty());
}

TEST_CASE("A customer is found by the whole number or its end, noted and blocked",
          "[store][office]") {
  const auto db = any_store();
  const auto booking = make_many(*db, 2).front();
  const auto before = customer_of(*db, booking);
  CHECK(before.bookings == 2);
  CHECK_FALSE(before.blocked);
  const auto by_end = await<std::vector<store::Customer>>(db->office().find_customers(
      {.phone = std::nullopt, .last_four = booking.request.phone.last_four()}));
  REQUIRE(by_end);
  CHECK(std::ranges::any_of(*by_end, [&](const auto& one) { return one.id == before.id; }));

  store::CustomerChange change{before.id, "개 조심", true, kActor, common::wall_now()};
  CHECK(await<Outcome>(db->office().change_customer(change)).value() == Outcome::Done);
  const auto after = customer_of(*db, booking);
  CHECK(after.note == "개 조심");
  CHECK(after.blocked);
  change.id.fill(0);
  CHECK(await<Outcome>(db->office().change_customer(change)).value() == Outcome::Refused);
}

TEST_CASE("A merge joins two numbers, is undone, and two that cross make no ring",
          "[store][office]") {
  const auto db = any_store();
  const auto one = make_many(*db, 1).front();
  const auto two = make_many(*db, 1).front();
  const store::CustomerMerge merge{customer_of(*db, one).id, customer_of(*db, two).id, kActor,
                                   common::wall_now()};
  const store::CustomerMerge crossed{merge.from, merge.into, kActor, merge.now};
  std::vector<store::Awaitable<MergeOutcome>> both;
  both.push_back(db->office().merge_customers(merge));
  both.push_back(db->office().merge_customers(crossed));
  int done = 0;
  for (const auto& result : await_all<MergeOutcome>(std::move(both)))
    done += result.value() == MergeOutcome::Done ? 1 : 0;
  CHECK(done == 1);

  const auto primary = customer_of(*db, two);  // found by either number
  CHECK(customer_of(*db, one).id == primary.id);
  CHECK(primary.bookings == 2);
  const auto file = await<std::optional<store::CustomerFile>>(db->office().customer(primary.id));
  REQUIRE(file);
  REQUIRE((*file)->merged.size() == 1);
  CHECK((*file)->history.size() == 2);
  const auto& undo = primary.id == merge.into ? merge : crossed;
  CHECK(await<MergeOutcome>(db->office().unmerge_customers(undo)).value() == MergeOutcome::Done);
  CHECK(await<MergeOutcome>(db->office().unmerge_customers(undo)).value() ==
        MergeOutcome::NotFound);
  CHECK(customer_of(*db, one).id != customer_of(*db, two).id);
}

TEST_CASE("Entries written at once stand in one chain", "[store][office]") {
  const auto db = any_store();
  std::vector<store::Awaitable<store::Done>> notes;
  for (int i = 0; i < 20; ++i)
    notes.push_back(db->office().note(kActor, "test", std::to_string(i), "", common::wall_now()));
  for (const auto& result : await_all<store::Done>(std::move(notes))) CHECK(result);

  const auto head = await<store::AuditHead>(db->office().audit_head());
  REQUIRE(head);
  records::ChainCheck check;
  while (check.entries() < head->sequence) {
    const auto page = await<store::AuditPage>(
        db->office().audit({.before = std::nullopt, .after = check.entries(), .limit = 500}));
    REQUIRE(page);
    REQUIRE_FALSE(page->empty());
    for (const auto& line : *page) REQUIRE(check.add(line.entry, line.hash));
  }
  CHECK(check.ends_at(head->sequence, head->hash));
  const auto newest = await<store::AuditPage>(
      db->office().audit({.before = std::nullopt, .after = std::nullopt, .limit = 1}));
  REQUIRE(newest);
  CHECK(newest->front().entry.sequence == head->sequence);
}

TEST_CASE("Technicians keep their order, and one feed is known at a time", "[store][office]") {
  const auto db = any_store();
  const std::vector<std::string> names{"나기사", "가기사"};
  REQUIRE(await<store::Done>(db->office().set_technicians(names, kActor, common::wall_now())));
  CHECK(await<std::vector<std::string>>(db->office().technicians()).value() == names);

  std::array<std::uint8_t, 32> first{};
  std::array<std::uint8_t, 32> second{};
  second.fill(1);
  REQUIRE(await<store::Done>(db->office().set_feed(first, kActor, common::wall_now())));
  REQUIRE(await<store::Done>(db->office().set_feed(second, kActor, common::wall_now())));
  CHECK(await<Outcome>(db->office().knows_feed(first)).value() == Outcome::Refused);
  CHECK(await<Outcome>(db->office().knows_feed(second)).value() == Outcome::Done);
}
