#include "app/store/key_queries.hpp"

#include "app/store/row_values.hpp"
#include "common/contract.hpp"

namespace booking::store {
namespace {

std::optional<RecordedKey> read_key(Session& db, const std::string& key) {
  const auto rows = db.query(
      "SELECT i.fingerprint, i.created_us, b.number, i.status FROM idempotency i JOIN booking b "
      "ON b.id = i.booking_id WHERE i.idempotency_key = ?",
      {Blob{key}});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  const auto number = core::BookingNumber::parse(row.text(2));
  const auto status = core::status_of(row.integer(3));
  common::expects(number && status, "what we stored under a key can be read");
  const auto created = wall_time(row.integer(1));
  return RecordedKey{{octets_of<32>(row.text(0)), created}, {*number, *status, created}};
}

}  // namespace

core::KeyObservation take_key(Session& db, const KeyUse& use, const Attempt& attempt,
                              std::optional<RecordedKey>& recorded) {
  try {
    if (db.insert("INSERT INTO idempotency (idempotency_key, fingerprint, booking_id, status, "
                  "created_us) VALUES (?, ?, ?, ?, ?)",
                  {Blob{use.key}, blob(use.fingerprint), blob(use.booking),
                   static_cast<std::int64_t>(use.status), micros(use.now)}))
      return {};
  } catch (const SqlError& error) {
    // After a commit without an answer it may be our own that still waits for a replica.
    if (error.trouble() != Trouble::LockWait || attempt.maybe_committed) throw;
    return {.held_by_another = true, .finished = {}};
  }
  recorded = read_key(db, use.key);
  if (!recorded) throw Again{};  // whoever held it has just let it go
  return {.held_by_another = false, .finished = recorded->finished};
}

void begin_key_anew(Session& db, const KeyUse& use, const RecordedKey& recorded) {
  const auto taken = db.execute(
      "UPDATE idempotency SET fingerprint = ?, booking_id = ?, status = ?, created_us = ? WHERE "
      "idempotency_key = ? AND created_us = ?",
      {blob(use.fingerprint), blob(use.booking), static_cast<std::int64_t>(use.status),
       micros(use.now), Blob{use.key}, micros(recorded.finished.created)});
  if (taken == 0) throw Again{};
}

}  // namespace booking::store
