#include "app/store/office_queries.hpp"

#include "app/store/audit_queries.hpp"
#include "app/store/booking_rows.hpp"
#include "app/store/row_values.hpp"
#include "app/store/shown_version.hpp"

namespace booking::store {
namespace {

std::int64_t number_of(core::Move move) { return static_cast<std::int64_t>(move); }

/// `?, ?, ?`
std::string places(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
  return text;
}

std::vector<Parameter> blobs_of(const std::vector<core::BookingId>& ids) {
  std::vector<Parameter> blobs;
  blobs.reserve(ids.size());
  for (const auto& id : ids) blobs.emplace_back(blob(id));
  return blobs;
}

std::vector<core::Booking> bookings_of(Session& db, const char* sql,
                                       const std::vector<Parameter>& values,
                                       const privacy::Vault& vault) {
  std::vector<core::Booking> found;
  for (const auto& row : db.query(sql, values)) found.push_back(booking_of(row, vault));
  add_parts(db, found);
  return found;
}

/// As the audit log names them.
std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

}  // namespace

PastBooking past_booking_of(const Row& row) {
  const auto number = core::BookingNumber::parse(row.text(0));
  const auto status = core::status_of(row.integer(1));
  const auto service = core::service_of(row.integer(2));
  if (!number || !status || !service) throw SqlError{Trouble::Refused, "a booking nobody can read"};
  PastBooking past{*number, *status, *service, wall_time(row.integer(3)), std::nullopt};
  if (!row.is_null(4)) past.visit = wall_time(row.integer(4));
  return past;
}

std::map<core::BookingId, KnownGuest> known_guests(Session& db,
                                                   const std::vector<core::BookingId>& bookings) {
  std::map<core::BookingId, KnownGuest> guests;
  if (bookings.empty()) return guests;
  const auto ids = blobs_of(bookings);
  // Of the person's own number and of those merged into it, each by its index.
  const auto sql =
      "SELECT b.id, (SELECT COUNT(*) FROM booking e WHERE e.customer_id = COALESCE(c.merged_into, "
      "c.id) AND e.created_us < b.created_us) + (SELECT COUNT(*) FROM customer m JOIN booking e ON "
      "e.customer_id = m.id WHERE m.merged_into = COALESCE(c.merged_into, c.id) AND e.created_us < "
      "b.created_us), p.blocked FROM booking b JOIN customer c ON c.id = b.customer_id JOIN "
      "customer p ON p.id = COALESCE(c.merged_into, c.id) WHERE b.id IN (" +
      places(ids.size()) + ")";
  for (const auto& row : db.query(sql.c_str(), ids))
    if (const KnownGuest known{row.integer(1), row.integer(2) != 0}; known != KnownGuest{})
      guests.emplace(octets_of<16>(row.text(0)), known);
  return guests;
}

std::set<core::BookingId> wished_anew(Session& db, const std::vector<core::BookingId>& bookings) {
  std::set<core::BookingId> found;
  if (bookings.empty()) return found;
  auto values = blobs_of(bookings);
  using enum core::Move;
  for (const auto move : {Approve, Schedule, Reschedule, Change, Change, Change})
    values.emplace_back(number_of(move));
  // Once a visit is promised a change is one of the wishes (core::fits). Without either there is
  // no time, and nothing is later than that.
  const auto sql = "SELECT booking_id FROM booking_event WHERE booking_id IN (" +
                   places(bookings.size()) +
                   ") AND move IN (?, ?, ?, ?) GROUP BY booking_id HAVING MAX(CASE WHEN move = ? "
                   "THEN at_us END) > MAX(CASE WHEN move <> ? THEN at_us END)";
  for (const auto& row : db.query(sql.c_str(), values)) found.insert(octets_of<16>(row.text(0)));
  return found;
}

std::vector<PastBooking> earlier_bookings(Session& db, const core::BookingId& booking) {
  std::vector<PastBooking> found;
  for (const auto& row : db.query(
           "SELECT e.number, e.status, e.service, e.created_us, e.visit_start_us FROM booking b "
           "JOIN customer c ON c.id = b.customer_id JOIN customer o ON o.id = "
           "COALESCE(c.merged_into, c.id) OR o.merged_into = COALESCE(c.merged_into, c.id) JOIN "
           "booking e ON e.customer_id = o.id AND e.created_us < b.created_us WHERE b.id = ? ORDER "
           "BY e.created_us DESC LIMIT ?",
           {blob(booking), static_cast<std::int64_t>(kMostHistory)}))
    found.push_back(past_booking_of(row));
  return found;
}

std::vector<core::Booking> visits(Session& db, const Period& period, const privacy::Vault& vault) {
  // Where one can begin that is still under way: by that the index narrows the search.
  const auto earliest = period.from - core::kLongestVisit;
  return bookings_of(db,
                     "SELECT " MAINSTAY_BOOKING_COLUMNS
                     "WHERE b.visit_start_us > ? AND b.visit_start_us < ? AND b.visit_start_us + "
                     "b.visit_minutes * 60000000 > ? AND b.status BETWEEN 3 AND 5 ORDER BY "
                     "b.visit_start_us, b.id LIMIT ?",
                     {micros(earliest), micros(period.to), micros(period.from),
                      static_cast<std::int64_t>(kMostVisits)},
                     vault);
}

std::vector<core::Booking> made(Session& db, const Period& period, const privacy::Vault& vault) {
  return bookings_of(
      db,
      "SELECT " MAINSTAY_BOOKING_COLUMNS
      "WHERE b.created_us >= ? AND b.created_us < ? ORDER BY b.created_us, b.id LIMIT ?",
      {micros(period.from), micros(period.to), static_cast<std::int64_t>(kMostExported)}, vault);
}

StatusCounts made_counts(Session& db, const Period& period) {
  StatusCounts counts;
  for (const auto& row : db.query(
           "SELECT status, COUNT(*) FROM booking WHERE created_us >= ? AND created_us < ? GROUP BY "
           "status",
           {micros(period.from), micros(period.to)}))
    if (const auto status = core::status_of(row.integer(0))) counts[*status] = row.integer(1);
  return counts;
}

std::vector<std::string> technicians(Session& db) {
  std::vector<std::string> names;
  for (const auto& row : db.query("SELECT name FROM technician ORDER BY position, name"))
    names.push_back(row.text(0));
  return names;
}

Ending set_technicians(Session& db, const TechniciansChange& change, const EntropySource& entropy,
                       std::optional<TechniciansOutcome>& out) {
  // One at a time, and before the first look at what it changes.
  hold_audit(db);
  const auto before = technicians(db);
  db.execute("DELETE FROM technician", {});
  std::int64_t position = 0;
  // Not all may be let in: two can be the same to this database, such as in another case.
  for (const auto& name : change.names)
    db.insert("INSERT INTO technician (name, position) VALUES (?, ?)", {name, position++});
  const auto after = technicians(db);
  out = version_of(after);
  // As is wanted already, most likely by this very request (RFC 9110 §13.1.1).
  if (after == before) return Ending::RollBack;
  if (change.version && *change.version != version_of(before)) {
    out = TechniciansRefusal::Stale;
    return Ending::RollBack;
  }
  write_audit(db, change.actor, change.now, "technicians.set", "technicians",
              list_of(before) + " -> " + list_of(after), entropy);
  return Ending::Commit;
}

void set_feed(Session& db, const std::array<std::uint8_t, 32>& token_hash, const Actor& actor,
              common::WallTime now, const EntropySource& entropy) {
  db.execute("DELETE FROM calendar_feed", {});
  db.execute("INSERT INTO calendar_feed (id, token_hash, created_us) VALUES (1, ?, ?)",
             {blob(token_hash), micros(now)});
  write_audit(db, actor, now, "feed.set", "calendar", "", entropy);
}

bool knows_feed(Session& db, const std::array<std::uint8_t, 32>& token_hash) {
  return !db.query("SELECT id FROM calendar_feed WHERE token_hash = ?", {blob(token_hash)}).empty();
}

}  // namespace booking::store
