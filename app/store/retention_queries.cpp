#include "app/store/retention_queries.hpp"

#include "app/privacy/hex.hpp"
#include "app/store/audit_queries.hpp"
#include "app/store/move_queries.hpp"
#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"
#include "common/bytes.hpp"

#include <algorithm>

namespace booking::store {
namespace {

// Statuses as stored: 5 done, 6 rejected, 7 cancelled.
#define MAINSTAY_EXPIRED \
  "((status = 5 AND updated_us < ?) OR (status IN (6, 7) AND updated_us < ?))"
constexpr const char* kExpiredBookings =
    "FROM booking WHERE anonymised_us IS NULL AND " MAINSTAY_EXPIRED;
/// Photos of bookings that ended long ago, but for guests who said they may be kept (consent 1).
constexpr const char* kExpiredPhotos =
    "FROM photo WHERE booking_id IN (SELECT b.id FROM booking b WHERE b.status IN (5, 6, 7) AND "
    "b.updated_us < ? AND NOT EXISTS (SELECT 1 FROM consent k WHERE k.booking_id = b.id AND k.kind "
    "= 1))";
/// Customers of whom every booking is anonymous.
constexpr const char* kForgottenCustomers =
    "FROM customer WHERE phone_index IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking b WHERE "
    "b.customer_id = customer.id AND b.anonymised_us IS NULL)";
/// And those of whom every booking will be, when what is over its time is.
constexpr const char* kExpiredCustomers =
    "FROM customer WHERE phone_index IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking b WHERE "
    "b.customer_id = customer.id AND b.anonymised_us IS NULL AND NOT " MAINSTAY_EXPIRED ")";
#undef MAINSTAY_EXPIRED

struct Old {
  const char* of;  // `FROM table WHERE column < ?`
  std::int64_t before;
  std::uint64_t RetentionReport::*count;
};

std::vector<Old> simple_kinds(const RetentionRules& rules, common::WallTime now) {
  return {
      {"FROM photo WHERE booking_id IS NULL AND created_us < ?", micros(now - rules.drafts),
       &RetentionReport::drafts},
      {"FROM idempotency WHERE created_us < ?", micros(now - core::kIdempotencyLifetime),
       &RetentionReport::keys},
      {"FROM answered_request WHERE created_us < ?", micros(now - core::kIdempotencyLifetime),
       &RetentionReport::keys},
      {"FROM admin_session WHERE expires_us < ?", micros(now), &RetentionReport::sessions},
      {"FROM login_failure WHERE last_us < ?", micros(now - rules.counters),
       &RetentionReport::counters},
      {"FROM outbox WHERE done_us < ?", micros(now - rules.messages), &RetentionReport::messages},
      {kExpiredPhotos, micros(now - rules.photos), &RetentionReport::photos}};
}

std::vector<Parameter> ends(const RetentionRules& rules, common::WallTime now) {
  return {micros(now - rules.done), micros(now - rules.refused)};
}

std::uint64_t count(Session& db, const std::string& of, const std::vector<Parameter>& values) {
  return static_cast<std::uint64_t>(
      db.query(("SELECT COUNT(*) " + of).c_str(), values).at(0).integer(0));
}

void anonymise_booking(Session& db, const Blob& id, common::WallTime now) {
  db.execute(
      "UPDATE booking SET description = '', address = '', address_sealed = NULL, "
      "address_detail_sealed = NULL, reason = NULL, contact_name = '', anonymised_us = ?, version "
      "= version + 1 WHERE id = ?",
      {micros(now), id});
  db.execute("UPDATE booking_event SET detail = '' WHERE booking_id = ?", {id});
  db.execute("DELETE FROM preferred_window WHERE booking_id = ?", {id});
  db.execute("DELETE FROM photo WHERE booking_id = ?", {id});
  // What was written in an estimate may name people and places; its sums stay for the books.
  db.execute("UPDATE estimate SET note = '' WHERE booking_id = ?", {id});
  db.execute("UPDATE estimate_item SET label = '' WHERE booking_id = ?", {id});
}

/// Who books meanwhile waits for the customer's row; who did before was waited for.
void hold_customer(Session& db, const Blob& id) {
  db.execute("UPDATE customer SET blocked = blocked WHERE id = ?", {id});
}

void anonymise_customer(Session& db, const Blob& id, const EntropySource& entropy) {
  db.execute(
      "UPDATE customer SET phone = ?, phone_sealed = NULL, phone_index = NULL, phone_last4 = NULL, "
      "name = '', note = NULL WHERE id = ?",
      {"+82" + privacy::to_hex(common::to_big_endian(entropy())), id});
}

/// Cancels a booking that is still to be done, if the erasure says so. Its guest, who asked to be
/// forgotten, is not written to.
bool call_off(Session& db, const std::string& number, const CustomerErasure& erasure,
              const Attempt& attempt, const Tools& tools) {
  const auto named = std::ranges::find(erasure.cancel, number, &core::BookingNumber::text);
  if (named == erasure.cancel.end()) return false;
  std::optional<MoveOutcome> outcome;
  const Transition command{.number = *named,
                           .move = core::Move::Cancel,
                           .reason = erasure.reason,
                           .tell_guest = false,
                           .actor = erasure.actor,
                           .now = erasure.now};
  move_booking(db, command, attempt, tools, outcome);
  return outcome && std::holds_alternative<Moved>(*outcome);
}

std::vector<Blob> ids(Session& db, const std::string& of, std::vector<Parameter> values) {
  values.emplace_back(kMostAtOnce);
  std::vector<Blob> found;
  for (const auto& row : db.query(("SELECT id " + of + " LIMIT ?").c_str(), values))
    found.push_back(Blob{row.text(0)});
  return found;
}

}  // namespace

RetentionReport count_expired(Session& db, const RetentionRules& rules, common::WallTime now) {
  RetentionReport report;
  report.bookings = count(db, kExpiredBookings, ends(rules, now));
  report.customers = count(db, kExpiredCustomers, ends(rules, now));
  for (const auto& kind : simple_kinds(rules, now))
    report.*kind.count += count(db, kind.of, {kind.before});
  return report;
}

RetentionReport forget_expired(Session& db, const RetentionRules& rules, common::WallTime now,
                               const Tools& tools) {
  RetentionReport report;
  for (const auto& id : ids(db, kExpiredBookings, ends(rules, now))) {
    anonymise_booking(db, id, now);
    ++report.bookings;
  }
  for (const auto& id : ids(db, kForgottenCustomers, {})) {
    hold_customer(db, id);
    // One who has booked since is no longer of them.
    if (count(db, std::string{kForgottenCustomers} + " AND id = ?", {id}) == 0) continue;
    anonymise_customer(db, id, tools.entropy);
    ++report.customers;
  }
  for (const auto& kind : simple_kinds(rules, now))
    report.*kind.count += db.execute((std::string{"DELETE "} + kind.of).c_str(), {kind.before});
  if (report.bookings > 0 || report.customers > 0)
    write_audit(db, {"retention", ""}, now, "retention.anonymise", "",
                std::to_string(report.bookings) + " bookings, " + std::to_string(report.customers) +
                    " customers",
                tools.entropy);
  return report;
}

ErasureOutcome erase_customer(Session& db, const CustomerErasure& erasure, const Attempt& attempt,
                              const Tools& tools) {
  hold_audit(db);  // nobody merges meanwhile
  std::vector<Blob> customers;
  for (const auto& row : db.query("SELECT id FROM customer WHERE id = ? OR merged_into = ?",
                                  {blob(erasure.id), blob(erasure.id)}))
    customers.push_back(Blob{row.text(0)});
  if (customers.empty()) return ErasureOutcome::NotFound;
  // Customers first: who books meanwhile waits for their rows, and then finds them gone.
  for (const auto& customer : customers) hold_customer(db, customer);
  std::vector<Blob> bookings;
  for (const auto& customer : customers)
    for (const auto& row : db.query("SELECT id, status, number FROM booking WHERE customer_id = ? "
                                    "AND anonymised_us IS NULL",
                                    {customer})) {
      if (row.integer(1) < static_cast<std::int64_t>(core::Status::Done) &&
          !call_off(db, row.text(2), erasure, attempt, tools))
        return ErasureOutcome::Open;
      bookings.push_back(Blob{row.text(0)});
    }
  for (const auto& booking : bookings) anonymise_booking(db, booking, erasure.now);
  for (const auto& customer : customers) anonymise_customer(db, customer, tools.entropy);
  write_audit(db, erasure.actor, erasure.now, "customer.erase", privacy::to_hex(erasure.id),
              std::to_string(bookings.size()) + " bookings: " + erasure.reason, tools.entropy);
  return ErasureOutcome::Done;
}

}  // namespace booking::store
