#include "app/store/outbox_queries.hpp"

#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"

namespace booking::store {
namespace {

constexpr std::size_t kLongestFailure = 100;

std::optional<Channel> channel_of(std::int64_t number) {
  if (number < 1 || number > 3) return std::nullopt;
  return static_cast<Channel>(number);
}

std::optional<Message> message_of(const Row& row, const privacy::Vault& vault) {
  const auto channel = channel_of(row.integer(1));
  const auto move = core::move_of(row.integer(2));
  const auto status = core::status_of(row.integer(3));
  const auto number = core::BookingNumber::parse(row.text(4));
  const auto service = core::service_of(row.integer(5));
  if (!channel || !move || !status || !number || !service) return std::nullopt;
  Message message{octets_of<16>(row.text(0)), *channel,          *move, *status, *number, *service,
                  wall_time(row.integer(6)),  row.integer(7) + 1};
  message.urgent = row.integer(15) != 0;
  if (!row.is_null(8))
    message.visit =
        core::Visit{row.text(8), wall_time(row.integer(9)), std::chrono::minutes{row.integer(10)}};
  const bool anonymised = !row.is_null(13);
  if (*channel == Channel::Text && !row.is_null(12) && !anonymised)
    message.phone =
        core::Phone::parse(unseal(vault, kPhoneColumn, octets_of<16>(row.text(11)), row.text(12)));
  return message;
}

}  // namespace

bool tells(Channel channel, const Telling& telling) {
  const bool guest = telling.by == core::Party::Guest;
  switch (channel) {
    case Channel::Slack:
      return guest;
    case Channel::Webhook:
      return true;
    case Channel::Text:
      return guest ? telling.move == core::Move::Request : telling.tell_guest;
  }
  return false;
}

void write_messages(Session& db, const core::BookingId& booking, const Telling& telling,
                    common::WallTime now, const Tools& tools) {
  for (const auto channel : tools.channels)
    if (tells(channel, telling))
      db.execute(
          "INSERT INTO outbox (id, booking_id, channel, move, status, at_us, next_us, attempts, "
          "owner, failure) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '', '')",
          {blob(new_id(now, tools.entropy)), blob(booking), static_cast<std::int64_t>(channel),
           static_cast<std::int64_t>(telling.move), static_cast<std::int64_t>(telling.status),
           micros(now), micros(now)});
}

std::vector<Message> claim_messages(Session& db, const MessageClaim& claim,
                                    const privacy::Vault& vault) {
  const auto rows = db.query(
      "SELECT o.id, o.channel, o.move, o.status, b.number, b.service, o.at_us, o.attempts, "
      "b.technician, b.visit_start_us, b.visit_minutes, c.id, c.phone_sealed, b.anonymised_us, "
      "o.next_us, b.urgent FROM outbox o JOIN booking b ON b.id = o.booking_id JOIN customer c ON "
      "c.id = "
      "b.customer_id WHERE o.done_us IS NULL AND o.next_us <= ? ORDER BY o.next_us, o.id LIMIT ?",
      {micros(claim.now), static_cast<std::int64_t>(claim.limit)});
  std::vector<Message> claimed;
  for (const auto& row : rows) {
    // Another node may have read the same row: who changes next_us first has it.
    const auto ours = db.execute(
        "UPDATE outbox SET next_us = ?, attempts = attempts + 1, owner = ? WHERE id = ? AND "
        "next_us "
        "= ? AND done_us IS NULL",
        {micros(claim.now + claim.lease), claim.owner, Blob{row.text(0)}, row.integer(14)});
    if (ours == 0) continue;
    if (auto message = message_of(row, vault)) claimed.push_back(std::move(*message));
  }
  return claimed;
}

void end_message(Session& db, const MessageEnd& end) {
  const auto failure = end.failure.substr(0, kLongestFailure);
  if (end.again)
    db.execute(
        "UPDATE outbox SET next_us = ?, failure = ? WHERE id = ? AND owner = ? AND done_us IS NULL",
        {micros(*end.again), failure, blob(end.id), end.owner});
  else
    db.execute(
        "UPDATE outbox SET done_us = ?, failure = ? WHERE id = ? AND owner = ? AND done_us IS NULL",
        {micros(end.now), failure, blob(end.id), end.owner});
}

MessagesWaiting messages_waiting(Session& db) {
  const auto row =
      db.query("SELECT COUNT(*), MIN(at_us) FROM outbox WHERE done_us IS NULL", {}).front();
  MessagesWaiting waiting{row.integer(0)};
  if (!row.is_null(1)) waiting.oldest = wall_time(row.integer(1));
  return waiting;
}

}  // namespace booking::store
