#include "app/core/lifecycle.hpp"

#include "tests/support/catch.hpp"

#include <map>
#include <set>
#include <string>

using namespace booking::core;
using namespace std::chrono_literals;

namespace {

const auto kNow = parse_rfc3339("2026-12-01T09:00:00+09:00").value();

Booking booking_in(Status status) {
  return {{},     BookingNumber::from_entropy(7),
          status, {Service::Leak, {}, {}, {}, {}, Phone::parse("010-1234-5678").value(), {}},
          {},     {},
          {},     1,
          {},     {}};
}

std::string moves_of(const Booking& booking) {
  std::string words;
  for (const auto move : guest_moves(booking, {}, kNow))
    words += std::string{to_string(move)} + ' ';
  return words;
}

}  // namespace

TEST_CASE("A booking moves as the table says and in no other way", "[app][core][lifecycle]") {
  using enum Status;
  // Written a second time, by status and party, so that a slip in the table is seen.
  using Key = std::pair<Status, Party>;
  const std::map<Key, std::map<Move, Status>> allowed{
      {{Requested, Party::Guest}, {{Move::Change, Requested}, {Move::Cancel, Cancelled}}},
      {{Quoted, Party::Guest},
       {{Move::Accept, Approved},
        {Move::Decline, Requested},
        {Move::Change, Quoted},
        {Move::Cancel, Cancelled}}},
      {{Approved, Party::Guest}, {{Move::Change, Approved}, {Move::Cancel, Cancelled}}},
      {{Scheduled, Party::Guest}, {{Move::Change, Scheduled}, {Move::Cancel, Cancelled}}},
      {{Requested, Party::Staff},
       {{Move::Quote, Quoted},
        {Move::Approve, Approved},
        {Move::Reject, Rejected},
        {Move::Cancel, Cancelled}}},
      {{Quoted, Party::Staff},
       {{Move::Quote, Quoted},
        {Move::Approve, Approved},
        {Move::Reject, Rejected},
        {Move::Cancel, Cancelled}}},
      {{Approved, Party::Staff},
       {{Move::Schedule, Scheduled}, {Move::Reschedule, Approved}, {Move::Cancel, Cancelled}}},
      {{Scheduled, Party::Staff},
       {{Move::Complete, Done}, {Move::Reschedule, Scheduled}, {Move::Cancel, Cancelled}}}};
  for (int status = 1; status <= 7; ++status)
    for (const auto party : {Party::Guest, Party::Staff, Party::System})
      for (int move = 1; move <= 11; ++move) {
        const auto from = status_of(status).value();
        const auto what = move_of(move).value();
        CAPTURE(to_string(from), to_string(party), to_string(what));
        const auto row = allowed.find({from, party});
        std::optional<Status> wanted;
        if (row != allowed.end() && row->second.contains(what)) wanted = row->second.at(what);
        CHECK(after(from, what, party) == wanted);
      }
}

TEST_CASE("From what is over nothing leads on, and each other status has a way to its end",
          "[app][core][lifecycle]") {
  std::set<Status> open;
  for (const auto& rule : rules()) open.insert(rule.from);
  CHECK(open ==
        std::set<Status>{Status::Requested, Status::Quoted, Status::Approved, Status::Scheduled});
  std::set<Status> reached{Status::Requested};
  for (int i = 0; i < 7; ++i)
    for (const auto& rule : rules())
      if (reached.contains(rule.from)) reached.insert(rule.to);
  CHECK(reached.size() == 7);
}

TEST_CASE("A guest is offered what the rules, the cut-off and the estimate allow",
          "[app][core][lifecycle]") {
  auto booking = booking_in(Status::Quoted);
  CHECK(moves_of(booking) == "change cancel ");  // no estimate there
  booking.estimate = Estimate{{{"부품", 30000}}, "", kNow + 1h};
  CHECK(moves_of(booking) == "accept decline change cancel ");
  booking.estimate->valid_until = kNow - 1us;
  CHECK(moves_of(booking) == "change cancel ");

  auto visit = booking_in(Status::Scheduled);
  visit.visit = Visit{"kim", kNow + 24h, 60min};
  CHECK(moves_of(visit) == "change cancel ");
  visit.visit->start = kNow + 24h - 30min;
  CHECK(moves_of(visit).empty());
  CHECK(moves_of(booking_in(Status::Done)).empty());
}

TEST_CASE("Moves and parties are stored by numbers that never change", "[app][core][lifecycle]") {
  CHECK(static_cast<int>(Move::Cancel) == 10);
  CHECK(to_string(Move::Request) == "request");
  CHECK(to_string(Move::Change) == "change");
  CHECK(to_string(Party::System) == "system");
  CHECK_FALSE(move_of(0));
  CHECK_FALSE(move_of(12));
  CHECK_FALSE(party_of(4));
}
