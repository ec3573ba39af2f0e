#include "app/records/audit_chain.hpp"
#include "app/store/shown_version.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace booking;
using namespace std::chrono_literals;
using store::MergeOutcome;
using store::Outcome;

namespace {

const store::Actor kActor{"owner", "192.0.2.7"};

/// Bookings of one telephone number, a second apart.
std::vector<core::Booking> make_many(store::Store& db, int count) {
  auto command = new_booking();
  std::vector<core::Booking> made;
  for (int i = 0; i < count; ++i) {
    command.idempotency_key = unique_name("office-");
    command.now += 1s;
    made.push_back(make_booking(db, command));
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

using Guests = std::map<core::BookingId, store::KnownGuest>;

store::CustomerOutcome change(store::Store& db, store::CustomerChange what) {
  what.actor = kActor;
  what.now = common::wall_now();
  const auto outcome = await<store::CustomerOutcome>(db.office().change_customer(std::move(what)));
  REQUIRE(outcome);
  return *outcome;
}

void block(store::Store& db, const core::BookingId& customer) {
  const auto outcome = change(db, {.id = customer,
                                   .note = std::nullopt,
                                   .blocked = true,
                                   .version = std::nullopt,
                                   .actor = {},
                                   .now = {}});
  REQUIRE(std::holds_alternative<std::int64_t>(outcome));
}

}  // namespace

TEST_CASE("Earlier bookings are those of the same person made before", "[store][office]") {
  const auto db = any_store();
  const auto made = make_many(*db, 3);
  const auto known = [&](const std::vector<core::BookingId>& ids) {
    return await<Guests>(db->office().known_guests(ids)).value();
  };
  CHECK(known({made[0].id, made[2].id}) == Guests{{made[2].id, {2, false}}});
  const auto earlier = await<std::vector<store::PastBooking>>(db->office().earlier(made[2].id));
  REQUIRE(earlier);
  REQUIRE(earlier->size() == 2);
  CHECK(earlier->front().number == made[1].number);
  CHECK(known({}).empty());

  // Who is blocked is known by the first booking as well, and by a number that was merged.
  const auto other = make_many(*db, 1).front();
  const store::CustomerMerge merge{customer_of(*db, made[0]).id, customer_of(*db, other).id, kActor,
                                   common::wall_now()};
  REQUIRE(
      await<store::Keyed<MergeOutcome>>(db->office().merge_customers(merge, once("merge-known"))));
  CHECK_FALSE(known({made[0].id}).contains(made[0].id));
  block(*db, merge.into);
  CHECK(known({made[0].id}) == Guests{{made[0].id, {0, true}}});
  CHECK(known({other.id}).at(other.id).blocked);
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

  store::CustomerChange command{before.id, "개 조심", true, version_of(before), {}, {}};
  const auto outcome = change(*db, command);
  const auto after = customer_of(*db, booking);
  CHECK(after.note == "개 조심");
  CHECK(after.blocked);
  REQUIRE(std::holds_alternative<std::int64_t>(outcome));
  CHECK(std::get<std::int64_t>(outcome) == version_of(after));
  command.id.fill(0);
  CHECK(change(*db, command) == store::CustomerOutcome{store::CustomerRefusal::NotFound});
}

TEST_CASE("What is written over a customer was read first", "[store][office]") {
  const auto db = any_store();
  const auto booking = make_many(*db, 1).front();
  const auto shown = customer_of(*db, booking);
  const auto command = [&](const char* note) {
    return store::CustomerChange{shown.id,          note,   std::nullopt,
                                 version_of(shown), kActor, common::wall_now()};
  };
  // Two who saw the same write at once: one of them is told, and nothing of theirs is there.
  std::vector<store::Awaitable<store::CustomerOutcome>> both;
  for (const auto* note : {"개 조심", "뒷문으로"})
    both.push_back(db->office().change_customer(command(note)));
  int done = 0;
  for (const auto& result : await_all<store::CustomerOutcome>(std::move(both))) {
    REQUIRE(result);
    if (std::holds_alternative<std::int64_t>(*result))
      ++done;
    else
      CHECK(std::get<store::CustomerRefusal>(*result) == store::CustomerRefusal::Stale);
  }
  CHECK(done == 1);
  const auto after = customer_of(*db, booking);
  CHECK((after.note == "개 조심" || after.note == "뒷문으로"));
  CHECK(change(*db, command(after.note.c_str())) == store::CustomerOutcome{version_of(after)});
  CHECK(change(*db, command("다시")) == store::CustomerOutcome{store::CustomerRefusal::Stale});

  // Who has become part of another one is not written to as if nothing were.
  const auto other = make_many(*db, 1).front();
  const store::CustomerMerge merge{customer_of(*db, other).id, shown.id, kActor,
                                   common::wall_now()};
  REQUIRE(await<store::Keyed<MergeOutcome>>(db->office().merge_customers(merge, once("away"))));
  auto late = command("합친 뒤");
  late.version = version_of(after);
  CHECK(change(*db, late) == store::CustomerOutcome{store::CustomerRefusal::Stale});
  CHECK(customer_of(*db, booking).note.empty());  // the note of the one it became part of
}

TEST_CASE("A merge joins two numbers, is undone, and two that cross make no ring",
          "[store][office]") {
  const auto db = any_store();
  const auto one = make_many(*db, 1).front();
  const auto two = make_many(*db, 1).front();
  const store::CustomerMerge merge{customer_of(*db, one).id, customer_of(*db, two).id, kActor,
                                   common::wall_now()};
  const store::CustomerMerge crossed{merge.from, merge.into, kActor, merge.now};
  std::vector<store::Awaitable<store::Keyed<MergeOutcome>>> both;
  both.push_back(db->office().merge_customers(merge, once("merge")));
  both.push_back(db->office().merge_customers(crossed, once("crossed")));
  int done = 0;
  for (const auto& result : await_all<store::Keyed<MergeOutcome>>(std::move(both)))
    done += std::get<MergeOutcome>(result.value()) == MergeOutcome::Done ? 1 : 0;
  CHECK(done == 1);

  const auto primary = customer_of(*db, two);  // found by either number
  CHECK(customer_of(*db, one).id == primary.id);
  CHECK(primary.bookings == 2);
  const auto file = await<std::optional<store::CustomerFile>>(db->office().customer(primary.id));
  REQUIRE(file);
  REQUIRE((*file)->merged.size() == 1);
  CHECK((*file)->history.size() == 2);
  const auto& undo = primary.id == merge.into ? merge : crossed;
  const auto part = [&] {
    const auto outcome =
        await<store::Keyed<MergeOutcome>>(db->office().unmerge_customers(undo, once("undo")));
    return std::get<MergeOutcome>(outcome.value());
  };
  CHECK(part() == MergeOutcome::Done);
  CHECK(part() == MergeOutcome::NotFound);
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
  const auto set = [&](const std::vector<std::string>& names) {
    const auto outcome = await<store::TechniciansOutcome>(
        db->office().set_technicians({names, std::nullopt, kActor, common::wall_now()}));
    REQUIRE(outcome);
    CHECK(std::get<std::int64_t>(*outcome) == store::version_of(names));
  };
  const std::vector<std::string> names{"나기사", "가기사"};
  set(names);
  CHECK(await<std::vector<std::string>>(db->office().technicians()).value() == names);
  set({"가기사"});
  CHECK(noted("technicians.set", "technicians") == "나기사, 가기사 -> 가기사");
  set({});
  CHECK(noted("technicians.set", "technicians") == "가기사 -> none");

  std::array<std::uint8_t, 32> first{};
  std::array<std::uint8_t, 32> second{};
  second.fill(1);
  for (const auto& token : {first, second})
    REQUIRE(await<store::Keyed<store::Done>>(db->office().set_feed(token, kActor, once("feed"))));
  CHECK(await<Outcome>(db->office().knows_feed(first)).value() == Outcome::Refused);
  CHECK(await<Outcome>(db->office().knows_feed(second)).value() == Outcome::Done);
}

TEST_CASE("Of two who set the technicians they saw one is first", "[store][office]") {
  const auto db = any_store();
  const auto read = [&] {
    return await<std::vector<std::string>>(db->office().technicians()).value();
  };
  const auto shown = store::version_of(read());
  std::vector<store::Awaitable<store::TechniciansOutcome>> both;
  for (const auto* name : {"하나", "둘"})
    both.push_back(
        db->office().set_technicians({{unique_name(name)}, shown, kActor, common::wall_now()}));
  int done = 0;
  for (const auto& result : await_all<store::TechniciansOutcome>(std::move(both))) {
    REQUIRE(result);
    done += std::holds_alternative<std::int64_t>(*result) ? 1 : 0;
  }
  CHECK(done == 1);
  CHECK(read().size() == 1);
  CHECK(store::version_of(read()) != shown);
}

TEST_CASE("A visit over midnight is one of both days", "[store][office]") {
  const auto db = any_store();
  auto night = make_many(*db, 1).front();
  const auto midnight = core::parse_rfc3339("2027-03-02T00:00:00+09:00").value();
  const store::Transition approve{.number = night.number,
                                  .move = core::Move::Approve,
                                  .visit = core::Visit{unique_name("기사"), midnight - 2h, 240min},
                                  .anyway = true,
                                  .actor = kActor,
                                  .now = common::wall_now()};
  REQUIRE(
      std::holds_alternative<store::Moved>(await<store::MoveOutcome>(db->move(approve)).value()));
  const auto is_of = [&](common::WallTime from, common::WallTime to) {
    const auto visits = await<std::vector<core::Booking>>(db->office().visits({from, to})).value();
    return std::ranges::any_of(visits, [&](const auto& one) { return one.id == night.id; });
  };
  CHECK(is_of(midnight - 24h, midnight));
  CHECK(is_of(midnight, midnight + 24h));
  CHECK_FALSE(is_of(midnight + 2h, midnight + 24h));  // where it has ended
  CHECK_FALSE(is_of(midnight - 24h, midnight - 2h));  // where it has not begun
}

TEST_CASE("The calendar is one version after the other, for whoever was first", "[store][office]") {
  const auto db = any_store();
  const auto read = [&] { return await<store::ShopCalendar>(db->office().calendar()).value(); };
  const auto set = [&](const core::CalendarRules& rules, std::optional<std::int64_t> version) {
    store::CalendarChange change{rules, version, kActor, common::wall_now()};
    return await<store::CalendarOutcome>(db->office().set_calendar(change)).value();
  };
  const auto before = read();
  auto rules = core::usual_calendar();
  rules.closed = {core::parse_date("2026-12-24").value(), core::parse_date("2027-01-02").value()};
  rules.openings[core::parse_date("2026-12-25").value()] = {{10h, 12h}, std::nullopt};
  rules.travel = 90min;
  const auto outcome = set(rules, before.version);
  REQUIRE(std::holds_alternative<std::int64_t>(outcome));
  CHECK(std::get<std::int64_t>(outcome) == before.version + 1);
  CHECK(read().rules == rules);
  CHECK(read().version == before.version + 1);
  CHECK(std::holds_alternative<store::CalendarRefusal>(set(open_calendar(), before.version)));
  CHECK(std::get<std::int64_t>(set(rules, std::nullopt)) == before.version + 1);  // no change

  std::vector<store::Awaitable<store::CalendarOutcome>> both;
  for (const auto travel : {30min, 60min}) {
    rules.travel = travel;
    both.push_back(
        db->office().set_calendar({rules, before.version + 1, kActor, common::wall_now()}));
  }
  int won = 0;
  for (const auto& result : await_all<store::CalendarOutcome>(std::move(both)))
    won += std::holds_alternative<std::int64_t>(result.value()) ? 1 : 0;
  CHECK(won == 1);
  CHECK(read().version == before.version + 2);
}
