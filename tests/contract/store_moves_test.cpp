#include "app/store/fingerprint.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

using namespace booking;
using namespace std::chrono_literals;
using store::MoveOutcome;
using store::MoveRefusal;

namespace {

using core::Move;
using core::Party;
using core::Status;

/// A booking just made, and how it is moved.
class Moving {
 public:
  explicit Moving(store::Store& db) : db_{db}, made_{new_booking()} {
    const auto outcome = await<store::CreateOutcome>(db.create_booking(made_));
    number_.emplace(std::get<store::Created>(outcome.value()).receipt.number);
  }

  store::Transition command(Move move, Party by) const {
    store::Transition command{
        .number = *number_, .move = move, .by = by, .now = common::wall_now()};
    if (by == Party::Guest)
      command.phone = made_.request.phone;
    else
      command.actor = {"owner", "192.0.2.7"};
    return command;
  }
  store::Transition quote(std::int64_t amount = 30000) const {
    auto made = command(Move::Quote, Party::Staff);
    made.estimate =
        core::Estimate{{{"출장비", amount}, {"부품", 5000}}, "세금 포함", made.now + 48h};
    return made;
  }
  store::Transition approve(const std::string& technician,
                            std::chrono::minutes offset = 0min) const {
    auto made = command(Move::Approve, Party::Staff);
    made.visit = core::Visit{
        technician, core::parse_rfc3339("2030-01-07T10:00:00+09:00").value() + offset, 60min};
    return made;
  }
  MoveOutcome run(store::Transition command) const {
    const auto outcome = await<MoveOutcome>(db_.move(std::move(command)));
    REQUIRE(outcome);
    return *outcome;
  }
  core::Booking moved(store::Transition command) const {
    const auto outcome = run(std::move(command));
    REQUIRE(std::holds_alternative<store::Moved>(outcome));
    return std::get<store::Moved>(outcome).booking;
  }
  MoveRefusal refused(store::Transition command) const {
    const auto outcome = run(std::move(command));
    REQUIRE(std::holds_alternative<MoveRefusal>(outcome));
    return std::get<MoveRefusal>(outcome);
  }
  core::Booking now() const { return *look_up(db_, *number_, made_.request.phone).value(); }
  std::string story() const {
    std::string words;
    const auto told = await<store::Story>(db_.story(now().id));
    for (const auto& event : told.value().events)
      words += std::string{core::to_string(event.move)} + ' ';
    return words;
  }

 private:
  store::Store& db_;
  store::CreateBooking made_;
  std::optional<core::BookingNumber> number_;
};

std::int64_t claims_of(const std::string& technician) {
  return other_session()
      ->query("SELECT COUNT(*) FROM slot_claim WHERE technician = ?", {technician})
      .at(0)
      .integer(0);
}

}  // namespace

TEST_CASE("From the request to the finished job, and the timeline tells it", "[store][moves]") {
  const auto db = any_store();
  const Moving moving{*db};
  auto booking = moving.moved(moving.quote());
  CHECK(booking.status == Status::Quoted);
  CHECK(moving.now().estimate == booking.estimate);
  booking = moving.moved(moving.quote(40000));
  CHECK(moving.now().estimate->total() == 45000);  // the last one counts
  CHECK(moving.moved(moving.command(Move::Accept, Party::Guest)).status == Status::Approved);
  CHECK(moving.refused(moving.command(Move::Schedule, Party::Staff)) == MoveRefusal::VisitNeeded);
  const auto technician = unique_name("기사");
  auto schedule = moving.approve(technician);
  schedule.move = Move::Schedule;
  CHECK(moving.moved(schedule).status == Status::Scheduled);
  CHECK(claims_of(technician) == 2);
  CHECK(moving.moved(moving.command(Move::Complete, Party::Staff)).status == Status::Done);
  CHECK(claims_of(technician) == 2);
  CHECK(moving.now().version == 6);
  CHECK(moving.story() == "request quote quote accept schedule complete ");
  CHECK(moving.refused(moving.command(Move::Cancel, Party::Guest)) == MoveRefusal::IllegalMove);
}

TEST_CASE("A visit moves whole or not at all", "[store][moves]") {
  const auto db = any_store();
  const auto technician = unique_name("기사");
  const Moving first{*db};
  const Moving second{*db};
  first.moved(first.approve(technician));
  second.moved(second.approve(technician, 120min));
  auto onto = second.approve(technician, 30min);
  onto.move = Move::Reschedule;
  CHECK(second.refused(onto) == MoveRefusal::SlotTaken);
  CHECK(claims_of(technician) == 4);
  CHECK(second.now().version == 2);

  auto away = second.approve(technician, 150min);  // overlaps its own old time
  away.move = Move::Reschedule;
  auto calendar = open_calendar();
  calendar.travel = 30min;
  set_calendar(*db, calendar);
  CHECK(second.moved(away).visit == away.visit);
  CHECK(claims_of(technician) == 5);
  const auto taken =
      await<core::Taken>(db->claims({technician, away.visit->start, away.visit->start + 24h}));
  CHECK(taken->size() == 3);

  auto cancel = second.command(Move::Cancel, Party::Guest);
  cancel.reason = "이사 갑니다";
  CHECK(second.moved(cancel).status == Status::Cancelled);
  CHECK(second.now().reason == "이사 갑니다");
  CHECK(claims_of(technician) == 2);
}

TEST_CASE("The audit log tells a sum and a visit as they were and as they are", "[store][moves]") {
  const auto db = any_store();
  const Moving moving{*db};
  const auto quote = moving.quote();
  const auto number = quote.number.text();
  moving.moved(quote);
  CHECK(noted("booking.quote", number) == "requested -> quoted, estimate 35000");
  moving.moved(moving.quote(40000));
  CHECK(noted("booking.quote", number) == "quoted -> quoted, estimate 35000 -> 45000");
  const auto first = unique_name("기사");
  moving.moved(moving.approve(first));
  const auto visit = first + ", 2030-01-07T10:00:00+09:00, 60 min";
  CHECK(noted("booking.approve", number) == "quoted -> approved, " + visit);
  const auto second = unique_name("기사");
  auto other = moving.approve(second, 120min);
  other.move = Move::Reschedule;
  moving.moved(other);
  CHECK(noted("booking.reschedule", number) ==
        "approved -> approved, " + visit + " -> " + second + ", 2030-01-07T12:00:00+09:00, 60 min");
}

TEST_CASE("A visit off the calendar is refused unless it is meant, and a key remembers",
          "[store][moves]") {
  const auto db = any_store();
  const auto technician = unique_name("기사");
  const Moving moving{*db};
  auto approve = moving.approve(technician);
  approve.idempotency_key = unique_name("off-");
  approve.fingerprint = store::fingerprint(approve);
  auto closed = open_calendar();
  closed.closed = {core::seoul_date(approve.visit->start)};
  set_calendar(*db, closed);
  CHECK(moving.refused(approve) == MoveRefusal::OffCalendar);
  CHECK(claims_of(technician) == 0);
  set_calendar(*db, open_calendar());
  CHECK(moving.moved(approve).status == Status::Approved);
  set_calendar(*db, closed);
  CHECK(std::get<store::Moved>(moving.run(approve)).replayed);  // as it was answered
  auto confirm = moving.command(Move::Schedule, Party::Staff);
  confirm.visit = approve.visit;  // the same that stands: nobody is asked again
  CHECK(moving.moved(confirm).status == Status::Scheduled);
  auto other = moving.approve(technician, 60min);
  other.move = Move::Reschedule;
  CHECK(moving.refused(other) == MoveRefusal::OffCalendar);
  other.anyway = true;
  CHECK(moving.moved(other).visit == other.visit);
}

TEST_CASE("A guest's cut-off, the estimate's end and a stale version are kept", "[store][moves]") {
  const auto db = any_store();
  const Moving moving{*db};
  moving.moved(moving.quote());
  auto late = moving.command(Move::Accept, Party::Guest);
  late.now += 49h;
  CHECK(moving.refused(late) == MoveRefusal::EstimateOver);
  auto stale = moving.command(Move::Accept, Party::Guest);
  stale.version = 1;
  CHECK(moving.refused(stale) == MoveRefusal::Stale);
  stale.version = 2;
  CHECK(moving.moved(stale).status == Status::Approved);

  const auto technician = unique_name("기사");
  auto schedule = moving.approve(technician);
  schedule.move = Move::Schedule;
  moving.moved(schedule);
  auto cancel = moving.command(Move::Cancel, Party::Guest);
  cancel.now = schedule.visit->start - 23h;
  CHECK(moving.refused(cancel) == MoveRefusal::TooLate);
  cancel.by = Party::Staff;
  CHECK(moving.moved(cancel).status == Status::Cancelled);
}

TEST_CASE("Another one's telephone number finds nothing to move", "[store][moves]") {
  const auto db = any_store();
  const Moving moving{*db};
  auto cancel = moving.command(Move::Cancel, Party::Guest);
  cancel.phone = core::Phone::parse("02-123-4567").value();
  CHECK(moving.refused(cancel) == MoveRefusal::NotFound);
  CHECK(moving.now().status == Status::Requested);
}

TEST_CASE("What a guest changes is changed and nothing else", "[store][moves]") {
  const auto db = any_store();
  const Moving moving{*db};
  const auto before = moving.now();
  auto change = moving.command(Move::Change, Party::Guest);
  change.amendment = core::Amendment{std::nullopt, "부산 해운대구 2", {{}}};
  moving.moved(change);
  const auto after = moving.now();
  CHECK(after.request.address == "부산 해운대구 2");
  CHECK(after.request.description == before.request.description);
  CHECK(after.request.preferred.empty());
  CHECK(after.status == Status::Requested);
  CHECK(after.version == 2);

  moving.moved(moving.approve(unique_name("기사")));
  CHECK(moving.refused(change) == MoveRefusal::IllegalMove);  // an address, after a promise
}

TEST_CASE("A time that is wished for is kept, and its half is what the release before sees",
          "[store][moves]") {
  const auto db = any_store();
  const Moving moving{*db};
  const auto day = core::parse_date("2030-01-07").value();
  auto change = moving.command(Move::Change, Party::Guest);
  change.amendment = core::Amendment{
      {}, {}, {{{day, core::DayPart::Afternoon, 14h}, {day, core::DayPart::Morning, 0min}}}};
  const auto print = store::fingerprint(change);
  change.amendment->preferred->front().start = 14h + 30min;
  CHECK(store::fingerprint(change) != print);
  moving.moved(change);
  CHECK(moving.now().request.preferred == change.amendment->preferred);
  CHECK(moving.moved(moving.approve(unique_name("기사"))).request.preferred ==
        change.amendment->preferred);

  auto before = other_session();
  const auto rows = before->query(
      "SELECT w.day, w.part FROM preferred_window w JOIN booking b ON b.id = w.booking_id WHERE "
      "b.number = ? ORDER BY w.position",
      {change.number.text()});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].integer(1) == static_cast<std::int64_t>(core::DayPart::Afternoon));
  before->execute(
      "INSERT INTO preferred_window (booking_id, position, day, part) SELECT id, 2, 20300108, 3 "
      "FROM booking WHERE number = ?",
      {change.number.text()});
  CHECK(moving.now().request.preferred.at(2) ==
        core::PreferredWindow{core::parse_date("2030-01-08").value()});
}

TEST_CASE("A move's key is taken once, with its effect", "[store][moves]") {
  const auto db = any_store();
  const Moving moving{*db};
  auto quote = moving.quote();
  quote.idempotency_key = unique_name("move-");
  quote.fingerprint = store::fingerprint(quote);
  std::vector<store::Awaitable<MoveOutcome>> operations;
  for (int i = 0; i < 20; ++i) operations.push_back(db->move(quote));
  int fresh = 0;
  for (const auto& outcome : await_all<MoveOutcome>(std::move(operations))) {
    REQUIRE(outcome);
    if (const auto* moved = std::get_if<store::Moved>(&*outcome)) {
      fresh += moved->replayed ? 0 : 1;
      // Also for who waited for the key, and had read the booking before.
      CHECK(moved->booking.version == 2);
      CHECK(moved->booking.status == Status::Quoted);
    } else {
      CHECK(std::get<MoveRefusal>(*outcome) == MoveRefusal::KeyRunning);
    }
  }
  CHECK(fresh == 1);
  CHECK(moving.now().version == 2);

  auto other = quote;
  other.reason = "x";
  other.fingerprint = store::fingerprint(other);
  CHECK(moving.refused(other) == MoveRefusal::KeyMismatch);
  // What was refused took no key: the same request may come again.
  auto accept = moving.command(Move::Accept, Party::Guest);
  accept.idempotency_key = unique_name("move-");
  accept.fingerprint = store::fingerprint(accept);
  accept.version = 9;
  CHECK(moving.refused(accept) == MoveRefusal::Stale);
  accept.version = 2;
  CHECK(moving.moved(accept).status == Status::Approved);
  // A replay is answered before anything else is judged, although its version is over now.
  const auto again = moving.run(accept);
  CHECK(std::get<store::Moved>(again).replayed);
}
