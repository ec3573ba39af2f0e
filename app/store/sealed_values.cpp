#include "app/store/sealed_values.hpp"

#include "app/privacy/hex.hpp"
#include "app/store/account_queries.hpp"
#include "app/store/once_queries.hpp"
#include "app/store/row_values.hpp"
#include "common/contract.hpp"

#include <span>
#include <vector>

namespace booking::store {
namespace {

std::string place_of(const char* column, const core::BookingId& row) {
  return std::string{column} + ':' + std::string{row.begin(), row.end()};
}

std::int64_t key_number(const privacy::Vault& vault) {
  return static_cast<std::int64_t>(vault.active());
}

/// Those of which one of `columns` values is sealed by another key than the active one, or by none.
std::vector<Row> by_values(Session& db, const privacy::Vault& vault, const char* sql, int columns,
                           std::size_t limit) {
  const auto ours = privacy::Vault::mark_of(vault.active());
  std::vector<Parameter> parameters;
  for (int column = 0; column < columns; ++column) {
    parameters.emplace_back(static_cast<std::int64_t>(ours.size()));
    parameters.emplace_back(ours);
  }
  parameters.emplace_back(static_cast<std::int64_t>(limit));
  return db.query(sql, parameters);
}

/// By the key that a row names, which an index finds; when there are none, by its values, which
/// takes a look at each row. A row may name a key and hold something of another one: a node that
/// still sealed by the key before has changed it, or the release before has sealed it anew and
/// left alone what it does not know.
std::vector<Row> of_other_keys(Session& db, const privacy::Vault& vault, const char* by_key,
                               const char* by_value, int columns, std::size_t limit) {
  auto rows = db.query(by_key, {key_number(vault), static_cast<std::int64_t>(limit)});
  return rows.empty() ? by_values(db, vault, by_value, columns, limit) : rows;
}

// Whoever changes a row between the look at it and its new seal is not written over: the UPDATE
// asks for what was read, and the next round finds the row as it is then.

std::size_t reseal_customers(Session& db, const privacy::Vault& vault, std::size_t limit) {
  const auto rows = of_other_keys(
      db, vault,
      "SELECT id, phone, phone_sealed, note FROM customer WHERE (key_id IS NULL OR key_id <> ?) "
      "AND (phone_sealed IS NOT NULL OR phone_index IS NULL) LIMIT ?",
      "SELECT id, phone, phone_sealed, note FROM customer WHERE (phone_sealed <> '' AND "
      "SUBSTR(phone_sealed, 1, ?) <> ?) OR (note <> '' AND SUBSTR(note, 1, ?) <> ?) LIMIT ?",
      2, limit);
  for (const auto& row : rows) {
    const auto id = octets_of<16>(row.text(0));
    if (!row.is_null(3))
      db.execute("UPDATE customer SET note = ? WHERE id = ? AND note = ?",
                 {seal(vault, kNoteColumn, id, unseal(vault, kNoteColumn, id, row.text(3))),
                  blob(id), row.text(3)});
    const auto text = row.is_null(2) ? row.text(1) : unseal(vault, kPhoneColumn, id, row.text(2));
    const auto phone = core::Phone::parse(text);
    if (!phone) {  // anonymised before: nothing to seal
      db.execute("UPDATE customer SET key_id = ? WHERE id = ?", {key_number(vault), blob(id)});
      continue;
    }
    db.execute(
        "UPDATE customer SET phone = ?, phone_sealed = ?, phone_index = ?, phone_last4 = ?, key_id "
        "= ? WHERE id = ? AND phone = ?",
        {phone_token(vault, *phone), seal(vault, kPhoneColumn, id, phone->e164()),
         phone_index(vault, *phone), phone->last_four(), key_number(vault), blob(id), row.text(1)});
  }
  return rows.size();
}

void reseal_event(Session& db, const privacy::Vault& vault, const Row& row) {
  const auto id = octets_of<16>(row.text(0));
  if (auto anew = sealed_anew(vault, kEventColumn, id, row.text(1)))
    db.execute("UPDATE booking_event SET detail = ? WHERE id = ? AND detail = ?",
               {std::move(*anew), blob(id), row.text(1)});
}

std::size_t reseal_bookings(Session& db, const privacy::Vault& vault, std::size_t limit) {
  const auto rows = of_other_keys(
      db, vault,
      "SELECT id, description, address, address_sealed, reason, address_detail_sealed, version "
      "FROM booking WHERE key_id IS NULL OR key_id <> ? LIMIT ?",
      "SELECT id, description, address, address_sealed, reason, address_detail_sealed, version "
      "FROM booking WHERE (description <> '' AND SUBSTR(description, 1, ?) <> ?) OR "
      "(address_sealed <> '' AND SUBSTR(address_sealed, 1, ?) <> ?) OR "
      "(reason <> '' AND SUBSTR(reason, 1, ?) <> ?) OR "
      "(address_detail_sealed <> '' AND SUBSTR(address_detail_sealed, 1, ?) <> ?) LIMIT ?",
      4, limit);
  for (const auto& row : rows) {
    const auto id = octets_of<16>(row.text(0));
    const auto again = [&](const char* column, const std::string& text) {
      return text.empty() ? text : seal(vault, column, id, unseal(vault, column, id, text));
    };
    const auto& address = row.is_null(3) ? row.text(2) : row.text(3);
    db.execute(
        "UPDATE booking SET description = ?, address = '', address_sealed = ?, reason = ?, "
        "address_detail_sealed = ?, key_id = ? WHERE id = ? AND version = ?",
        {again(kDescriptionColumn, row.text(1)), again(kAddressColumn, address),
         again(kReasonColumn, row.is_null(4) ? std::string{} : row.text(4)),
         row.is_null(5) ? Parameter{} : Parameter{again(kAddressDetailColumn, row.text(5))},
         key_number(vault), blob(id), row.integer(6)});
    for (const auto& event :
         db.query("SELECT id, detail FROM booking_event WHERE booking_id = ?", {blob(id)}))
      reseal_event(db, vault, event);
  }
  return rows.size();
}

std::size_t reseal_events(Session& db, const privacy::Vault& vault, std::size_t limit) {
  const auto rows = by_values(db, vault,
                              "SELECT id, detail FROM booking_event WHERE detail <> '' AND "
                              "SUBSTR(detail, 1, ?) <> ? LIMIT ?",
                              1, limit);
  for (const auto& row : rows) reseal_event(db, vault, row);
  return rows.size();
}

}  // namespace

std::string seal(const privacy::Vault& vault, const char* column, const core::BookingId& row,
                 std::string_view text) {
  return vault.seal(text, place_of(column, row));
}

Parameter sealed_detail(const privacy::Vault& vault, const core::BookingId& row,
                        std::string_view detail) {
  if (detail.empty()) return {};
  return seal(vault, kAddressDetailColumn, row, detail);
}

std::string unseal(const privacy::Vault& vault, const char* column, const core::BookingId& row,
                   std::string_view sealed) {
  auto text = vault.open(sealed, place_of(column, row));
  if (text) return std::move(*text);
  const auto key = privacy::Vault::key_of(sealed);
  throw SqlError{Trouble::Refused, std::string{"cannot open "} + column + ", sealed by key " +
                                       std::to_string(key.value_or(0))};
}

std::optional<std::string> sealed_anew(const privacy::Vault& vault, const char* column,
                                       const core::BookingId& row, std::string_view sealed) {
  if (sealed.empty() || privacy::Vault::key_of(sealed) == vault.active()) return std::nullopt;
  return seal(vault, column, row, unseal(vault, column, row, sealed));
}

Blob phone_index(const privacy::Vault& vault, const core::Phone& phone) {
  return blob(vault.index("phone", phone.e164()));
}

std::string phone_token(const privacy::Vault& vault, const core::Phone& phone) {
  constexpr std::size_t kOctets = 8;
  const auto index = vault.index("token", phone.e164());
  return "+82" + privacy::to_hex(std::span{index}.first(kOctets));
}

core::Phone nobodys_phone() {
  auto phone = core::Phone::parse("010-0000-0000");
  common::expects(phone.has_value(), "a number that looks like one");
  return std::move(*phone);
}

Resealed reseal(Session& db, const privacy::Vault& vault, std::size_t limit) {
  return {reseal_customers(db, vault, limit), reseal_bookings(db, vault, limit),
          reseal_events(db, vault, limit), reseal_factors(db, vault),
          reseal_answers(db, vault, limit)};
}

}  // namespace booking::store
