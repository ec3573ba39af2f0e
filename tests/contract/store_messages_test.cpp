#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

#include <set>

using namespace booking;
using namespace std::chrono_literals;
using store::Message;

namespace {

std::vector<Message> claim(store::Store& db, const std::string& owner, common::WallTime now,
                           std::size_t limit = 1000) {
  return await<std::vector<Message>>(db.claim_messages({owner, limit, now, 60s})).value();
}

/// What other tests left is taken out of the way.
void drain(store::Store& db) {
  for (int round = 0; round < 1000; ++round) {
    const auto now = common::wall_now() + 48h;
    const auto messages = claim(db, "drain", now, 200);
    if (messages.empty()) return;
    for (const auto& message : messages)
      REQUIRE(await<store::Done>(db.end_message({message.id, "drain", now})));
  }
}

}  // namespace

TEST_CASE("What happens is told to whom it concerns, once", "[store][messages]") {
  const auto db = any_store();
  drain(*db);
  const auto command = new_booking();
  const auto made = await<store::CreateOutcome>(db->create_booking(command)).value();
  const auto number = std::get<store::Created>(made).receipt.number;
  const auto now = common::wall_now();
  const auto messages = claim(*db, "node-1", now);
  std::set<store::Channel> channels;
  for (const auto& message : messages) {
    CHECK(message.number == number);
    CHECK(message.move == core::Move::Request);
    CHECK(message.attempts == 1);
    CHECK(message.phone.has_value() == (message.channel == store::Channel::Text));
    channels.insert(message.channel);
  }
  CHECK(channels.size() == 3);
  CHECK(claim(*db, "node-2", now).empty());            // leased
  CHECK(claim(*db, "node-2", now + 61s).size() == 3);  // its owner died

  // Who lost the lease ends nothing any more.
  REQUIRE(await<store::Done>(db->end_message({messages[0].id, "node-1", now + 61s})));
  REQUIRE(
      await<store::Done>(db->end_message({messages[0].id, "node-2", now + 61s, now + 90s, "503"})));
  CHECK(claim(*db, "node-1", now + 89s).empty());
  const auto again = claim(*db, "node-1", now + 91s);
  REQUIRE(again.size() == 1);
  CHECK(again[0].attempts == 3);
  REQUIRE(await<store::Done>(db->end_message({again[0].id, "node-1", now + 92s})));
  CHECK(claim(*db, "node-1", now + 119s).empty());
  CHECK(claim(*db, "node-1", now + 24h).size() == 2);
}

TEST_CASE("What waits to be told is counted from when it happened", "[store][messages]") {
  const auto db = any_store();
  const auto waiting = [&db] {
    return await<store::MessagesWaiting>(db->messages_waiting()).value();
  };
  drain(*db);
  const auto before = waiting().count;  // of what other tests let happen in days to come
  const auto command = new_booking();
  REQUIRE(await<store::CreateOutcome>(db->create_booking(command)));
  CHECK(waiting().count == before + 3);  // a channel each
  // To put off is not to have told.
  const auto now = common::wall_now();
  const auto message = claim(*db, "node-1", now).front();
  REQUIRE(await<store::Done>(db->end_message({message.id, "node-1", now, now + 1h, "503"})));
  CHECK(waiting().count == before + 3);
  CHECK(waiting().oldest == command.now);
  REQUIRE(await<store::Done>(db->end_message({message.id, "node-1", now})));
  CHECK(waiting().count == before + 2);
}

TEST_CASE("Two nodes that ask at once never get the same message", "[store][messages]") {
  const auto first = any_store();
  const auto second = any_store();
  drain(*first);
  for (int i = 0; i < 20; ++i)
    REQUIRE(await<store::CreateOutcome>(first->create_booking(new_booking())));
  std::multiset<core::BookingId> seen;
  for (int round = 0; round < 20; ++round) {
    std::vector<store::Awaitable<std::vector<Message>>> operations;
    for (int i = 0; i < 4; ++i) {
      auto& db = i % 2 == 0 ? *first : *second;
      operations.push_back(
          db.claim_messages({"node-" + std::to_string(i), 5, common::wall_now(), 60s}));
    }
    for (const auto& claimed : await_all<std::vector<Message>>(std::move(operations))) {
      REQUIRE(claimed);
      for (const auto& message : *claimed) seen.insert(message.id);
    }
  }
  CHECK(seen.size() == 60);
  CHECK(std::set<core::BookingId>(seen.begin(), seen.end()).size() == 60);
}

TEST_CASE("A guest is told of the shop's moves unless it says not to", "[store][messages]") {
  const auto db = any_store();
  drain(*db);
  const auto command = new_booking();
  const auto made = await<store::CreateOutcome>(db->create_booking(command)).value();
  drain(*db);
  store::Transition reject{.number = std::get<store::Created>(made).receipt.number,
                           .move = core::Move::Reject,
                           .reason = "지역 밖",
                           .tell_guest = false,
                           .actor = {"owner", ""},
                           .now = common::wall_now()};
  REQUIRE(await<store::MoveOutcome>(db->move(reject)));
  const auto messages = claim(*db, "n", common::wall_now());
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].channel == store::Channel::Webhook);
  CHECK(messages[0].status == core::Status::Rejected);
}
