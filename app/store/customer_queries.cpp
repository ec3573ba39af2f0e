#include "app/store/customer_queries.hpp"

#include "app/privacy/hex.hpp"
#include "app/store/audit_queries.hpp"
#include "app/store/consent_queries.hpp"
#include "app/store/office_queries.hpp"
#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"
#include "app/store/shown_version.hpp"

namespace booking::store {
namespace {

#define MAINSTAY_CUSTOMERS                                                                        \
  "SELECT c.id, c.name, c.phone, c.phone_sealed, c.note, c.blocked, c.merged_into, (SELECT "      \
  "COUNT(*) FROM booking b WHERE "                                                                \
  "b.customer_id IN (SELECT m.id FROM customer m WHERE m.id = c.id OR m.merged_into = c.id)), "   \
  "(SELECT MAX(b.created_us) FROM booking b WHERE b.customer_id IN (SELECT m.id FROM customer m " \
  "WHERE m.id = c.id OR m.merged_into = c.id)) FROM customer c "

/// Of the columns phone and phone_sealed, which follow each other. Who was forgotten has nobody's.
core::Phone phone_of(const Row& row, std::size_t column, const core::BookingId& id,
                     const privacy::Vault& vault) {
  const auto text = row.is_null(column + 1) ? row.text(column)
                                            : unseal(vault, kPhoneColumn, id, row.text(column + 1));
  return core::Phone::parse(text).value_or(nobodys_phone());
}

Customer customer_of(const Row& row, const privacy::Vault& vault) {
  const auto id = octets_of<16>(row.text(0));
  Customer customer{
      .id = id,
      .name = row.text(1),
      .phone = phone_of(row, 2, id, vault),
      .note = row.is_null(4) ? std::string{} : unseal(vault, kNoteColumn, id, row.text(4)),
      .blocked = row.integer(5) != 0,
      .bookings = static_cast<std::size_t>(row.integer(7)),
      .last = std::nullopt,
      .merged = !row.is_null(6)};
  if (!row.is_null(8)) customer.last = wall_time(row.integer(8));
  return customer;
}

struct Place {
  bool there{false};
  bool merged{false};     // it is part of another one
  bool has_parts{false};  // others are part of it
};

Place place_of(Session& db, const core::BookingId& id) {
  const auto rows = db.query(
      "SELECT c.merged_into, (SELECT COUNT(*) FROM customer m WHERE m.merged_into = c.id) FROM "
      "customer c WHERE c.id = ?",
      {blob(id)});
  if (rows.empty()) return {};
  return {true, !rows.front().is_null(0), rows.front().integer(1) > 0};
}

}  // namespace

std::vector<Customer> find_customers(Session& db, const CustomerQuery& query,
                                     const privacy::Vault& vault) {
  constexpr const char* kLatest = MAINSTAY_CUSTOMERS
      "WHERE c.merged_into IS NULL AND c.name <> '' ORDER BY c.created_us DESC LIMIT ?";
  constexpr const char* kByPhone = MAINSTAY_CUSTOMERS
      "WHERE c.id IN (SELECT COALESCE(f.merged_into, f.id) FROM customer f WHERE f.phone_index = "
      "?) "
      "LIMIT ?";
  constexpr const char* kByEnd = MAINSTAY_CUSTOMERS
      "WHERE c.id IN (SELECT COALESCE(f.merged_into, f.id) FROM customer f WHERE f.phone_last4 = "
      "?) "
      "ORDER BY c.name, c.id LIMIT ?";
  std::vector<Parameter> parameters;
  const char* sql = kLatest;
  if (query.phone) {
    sql = kByPhone;
    parameters.emplace_back(phone_index(vault, *query.phone));
  } else if (!query.last_four.empty()) {
    sql = kByEnd;
    parameters.emplace_back(query.last_four);
  }
  parameters.emplace_back(static_cast<std::int64_t>(kMostCustomers));
  std::vector<Customer> found;
  for (const auto& row : db.query(sql, parameters)) found.push_back(customer_of(row, vault));
  return found;
}

std::optional<CustomerFile> customer_file(Session& db, const core::BookingId& id,
                                          const privacy::Vault& vault) {
  const auto rows = db.query(MAINSTAY_CUSTOMERS "WHERE c.id = ?", {blob(id)});
  if (rows.empty()) return std::nullopt;
  CustomerFile file{customer_of(rows.front(), vault), {}, {}, consents_of_customer(db, id)};
  for (const auto& row : db.query(
           "SELECT b.number, b.status, b.service, b.created_us, b.visit_start_us FROM booking b "
           "WHERE b.customer_id IN (SELECT m.id FROM customer m WHERE m.id = ? OR m.merged_into = "
           "?) ORDER BY b.created_us DESC LIMIT ?",
           {blob(id), blob(id), static_cast<std::int64_t>(kMostHistory)}))
    file.history.push_back(past_booking_of(row));
  for (const auto& row : db.query("SELECT id, name, phone, phone_sealed, merged_us, merged_by FROM "
                                  "customer WHERE merged_into = ? ORDER "
                                  "BY merged_us",
                                  {blob(id)}))
    file.merged.push_back({octets_of<16>(row.text(0)), row.text(1),
                           phone_of(row, 2, octets_of<16>(row.text(0)), vault),
                           wall_time(row.integer(4)), row.text(5)});
  return file;
}

Ending change_customer(Session& db, const CustomerChange& change, const Tools& tools,
                       std::optional<CustomerOutcome>& out) {
  // One at a time, and before the first look at what it changes; a merge holds the same.
  hold_audit(db);
  const auto rows = db.query(MAINSTAY_CUSTOMERS "WHERE c.id = ?", {blob(change.id)});
  if (rows.empty()) {
    out = CustomerRefusal::NotFound;
    return Ending::RollBack;
  }
  const auto before = customer_of(rows.front(), tools.vault);
  auto after = before;
  if (change.note) after.note = *change.note;
  if (change.blocked) after.blocked = *change.blocked;
  out = version_of(after);
  // As is wanted already, most likely by this very request: it was sent again when its answer was
  // lost (RFC 9110 §13.1.1).
  if (version_of(before) == version_of(after)) return Ending::RollBack;
  if (change.version && *change.version != version_of(before)) {
    out = CustomerRefusal::Stale;
    return Ending::RollBack;
  }
  std::string detail;
  if (change.note) {
    db.execute("UPDATE customer SET note = ? WHERE id = ?",
               {seal(tools.vault, kNoteColumn, change.id, *change.note), blob(change.id)});
    detail = "note";
  }
  if (change.blocked) {
    db.execute("UPDATE customer SET blocked = ? WHERE id = ?",
               {std::int64_t{*change.blocked ? 1 : 0}, blob(change.id)});
    detail += detail.empty() ? "" : ", ";
    detail += *change.blocked ? "blocked" : "unblocked";
  }
  write_audit(db, change.actor, change.now, "customer.change", privacy::to_hex(change.id), detail,
              tools.entropy);
  return Ending::Commit;
}

Ending merge_customers(Session& db, const CustomerMerge& merge, const Attempt& attempt,
                       const EntropySource& entropy, std::optional<MergeOutcome>& out) {
  // One at a time: two that go opposite ways would make a ring.
  hold_audit(db);
  const auto into = place_of(db, merge.into);
  const auto from = place_of(db, merge.from);
  const auto refuse = [&](MergeOutcome why) {
    out = why;
    return Ending::RollBack;
  };
  if (!into.there || !from.there) return refuse(MergeOutcome::NotFound);
  if (merge.into == merge.from) return refuse(MergeOutcome::Same);
  if (from.merged && attempt.maybe_committed) return refuse(MergeOutcome::Done);
  if (into.merged || from.merged || from.has_parts) return refuse(MergeOutcome::MergedYet);
  const auto changed = db.execute(
      "UPDATE customer SET merged_into = ?, merged_us = ?, merged_by = ? WHERE id = ? AND "
      "merged_into IS NULL",
      {blob(merge.into), micros(merge.now), merge.actor.name, blob(merge.from)});
  if (changed == 0) throw Again{};
  write_audit(db, merge.actor, merge.now, "customer.merge", privacy::to_hex(merge.into),
              privacy::to_hex(merge.from), entropy);
  out = MergeOutcome::Done;
  return Ending::Commit;
}

Ending unmerge_customers(Session& db, const CustomerMerge& merge, const Attempt& attempt,
                         const EntropySource& entropy, std::optional<MergeOutcome>& out) {
  const auto parted = db.execute(
      "UPDATE customer SET merged_into = NULL, merged_us = NULL, merged_by = NULL WHERE id = ? AND "
      "merged_into = ?",
      {blob(merge.from), blob(merge.into)});
  if (parted == 0) {
    out = attempt.maybe_committed ? MergeOutcome::Done : MergeOutcome::NotFound;
    return Ending::RollBack;
  }
  write_audit(db, merge.actor, merge.now, "customer.unmerge", privacy::to_hex(merge.into),
              privacy::to_hex(merge.from), entropy);
  out = MergeOutcome::Done;
  return Ending::Commit;
}

}  // namespace booking::store
