#include "app/store/booking_queries.hpp"

#include "app/store/admin_queries.hpp"
#include "app/store/booking_rows.hpp"
#include "app/store/row_values.hpp"
#include "common/contract.hpp"

#include <algorithm>
#include <limits>

namespace booking::store {
namespace {

constexpr int kNumberTries = 5;

struct RecordedKey {
  core::KeyObservation::Finished finished;
  Receipt receipt;
};

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

/// Takes the key for this booking: the row's insertion lets one of several requests with one key
/// through and makes the others wait for its end.
core::KeyObservation take_key(Session& db, const CreateBooking& command, const Attempt& attempt,
                              const core::BookingId& id, std::optional<RecordedKey>& recorded) {
  try {
    if (db.insert("INSERT INTO idempotency (idempotency_key, fingerprint, booking_id, status, "
                  "created_us) VALUES (?, ?, ?, ?, ?)",
                  {Blob{command.idempotency_key}, blob(command.fingerprint), blob(id),
                   static_cast<std::int64_t>(core::Status::Requested), micros(command.now)}))
      return {};
  } catch (const SqlError& error) {
    // After a commit without an answer it may be our own that still waits for a replica.
    if (error.trouble() != Trouble::LockWait || attempt.maybe_committed) throw;
    return {.held_by_another = true, .finished = {}};
  }
  recorded = read_key(db, command.idempotency_key);
  if (!recorded) throw Again{};  // whoever held it has just let it go
  return {.held_by_another = false, .finished = recorded->finished};
}

/// The key's last use is long ago: it begins a new life, for one of those who want it.
void begin_key_anew(Session& db, const CreateBooking& command, const core::BookingId& id,
                    const RecordedKey& recorded) {
  const auto taken = db.execute(
      "UPDATE idempotency SET fingerprint = ?, booking_id = ?, status = ?, created_us = ? WHERE "
      "idempotency_key = ? AND created_us = ?",
      {blob(command.fingerprint), blob(id), static_cast<std::int64_t>(core::Status::Requested),
       micros(command.now), Blob{command.idempotency_key}, micros(recorded.finished.created)});
  if (taken == 0) throw Again{};
}

core::BookingId customer_of(Session& db, const core::BookingRequest& request, common::WallTime now,
                            const EntropySource& entropy) {
  constexpr const char* kFind = "SELECT id FROM customer WHERE phone = ?";
  const auto& phone = request.phone.e164();
  if (const auto rows = db.query(kFind, {phone}); !rows.empty())
    return octets_of<16>(rows.front().text(0));
  const auto id = new_id(now, entropy);
  if (db.insert("INSERT INTO customer (id, phone, name, created_us) VALUES (?, ?, ?, ?)",
                {blob(id), phone, request.name, micros(now)}))
    return id;
  // Another booking with this phone came first; at READ COMMITTED its customer is visible now.
  const auto rows = db.query(kFind, {phone});
  if (rows.empty()) throw Again{};
  return octets_of<16>(rows.front().text(0));
}

bool insert_booking(Session& db, const CreateBooking& command, const core::BookingId& id,
                    const core::BookingNumber& number, const core::BookingId& customer) {
  const auto& request = command.request;
  return db.insert(
      "INSERT INTO booking (id, number, customer_id, status, service, description, address, "
      "contact_name, version, created_us, updated_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
      {blob(id), number.text(), blob(customer), static_cast<std::int64_t>(core::Status::Requested),
       static_cast<std::int64_t>(request.service), request.description, request.address,
       request.name, micros(command.now), micros(command.now)});
}

void insert_windows(Session& db, const core::BookingId& id,
                    const std::vector<core::PreferredWindow>& windows) {
  std::int64_t position = 0;
  for (const auto& window : windows)
    db.execute(
        "INSERT INTO preferred_window (booking_id, position, day, part) VALUES (?, ?, ?, ?)",
        {blob(id), position++, day_number(window.date), static_cast<std::int64_t>(window.part)});
}

std::optional<core::Booking> read_booking(Session& db, const core::BookingNumber& number) {
  const auto rows =
      db.query("SELECT " MAINSTAY_BOOKING_COLUMNS "WHERE b.number = ?", {number.text()});
  if (rows.empty()) return std::nullopt;
  std::vector<core::Booking> found{booking_of(rows.front())};
  add_windows(db, found);
  return std::move(found.front());
}

}  // namespace

Ending create_booking(Session& db, const CreateBooking& command, const Attempt& attempt,
                      const EntropySource& entropy, std::optional<CreateOutcome>& out) {
  const auto id = new_id(command.now, entropy);
  auto number = core::BookingNumber::from_entropy(entropy());
  std::optional<RecordedKey> recorded;
  const auto observed = take_key(db, command, attempt, id, recorded);
  switch (core::decide(observed, command.fingerprint, command.now)) {
    case core::KeyDecision::Replay:
      out = Created{recorded->receipt, true};
      return Ending::RollBack;
    case core::KeyDecision::Mismatch:
      out = CreateRefusal::KeyMismatch;
      return Ending::RollBack;
    case core::KeyDecision::Running:
      out = CreateRefusal::KeyRunning;
      return Ending::RollBack;
    case core::KeyDecision::Fresh:
      break;
  }
  if (recorded) begin_key_anew(db, command, id, *recorded);

  const auto customer = customer_of(db, command.request, command.now, entropy);
  int tries = 1;
  while (!insert_booking(db, command, id, number, customer)) {
    if (++tries > kNumberTries) throw SqlError{Trouble::Refused, "no free booking number found"};
    number = core::BookingNumber::from_entropy(entropy());
  }
  insert_windows(db, id, command.request.preferred);
  out = Created{{number, core::Status::Requested, command.now}, false};
  return Ending::Commit;
}

std::optional<core::Booking> find_booking(Session& db, const core::BookingNumber& number,
                                          const core::Phone& phone) {
  auto booking = read_booking(db, number);
  if (!booking || booking->request.phone != phone) return std::nullopt;
  return booking;
}

BookingPage list_bookings(Session& db, const BookingQuery& query) {
  const auto limit = std::clamp<std::size_t>(query.limit, 1, kMaxPage);
  // Before everything there is stands a cursor later than all.
  const auto created =
      query.after ? micros(query.after->created) : std::numeric_limits<std::int64_t>::max();
  std::vector<Parameter> parameters{created, created,
                                    blob(query.after ? query.after->id : core::BookingId{})};
  if (query.status) parameters.emplace_back(static_cast<std::int64_t>(*query.status));
  parameters.emplace_back(static_cast<std::int64_t>(limit + 1));  // one more tells of a next page

  constexpr const char* kAll = "SELECT " MAINSTAY_BOOKING_COLUMNS
                               "WHERE (b.created_us < ? OR (b.created_us = ? AND b.id < ?)) "
                               "ORDER BY b.created_us DESC, b.id DESC LIMIT ?";
  constexpr const char* kOfStatus =
      "SELECT " MAINSTAY_BOOKING_COLUMNS
      "WHERE (b.created_us < ? OR (b.created_us = ? AND b.id < ?)) AND b.status = ? "
      "ORDER BY b.created_us DESC, b.id DESC LIMIT ?";

  BookingPage page;
  for (const auto& row : db.query(query.status ? kOfStatus : kAll, parameters))
    page.bookings.push_back(booking_of(row));
  if (page.bookings.size() > limit) {
    page.bookings.erase(page.bookings.end() - 1);
    page.next = Cursor{page.bookings.back().created, page.bookings.back().id};
  }
  add_windows(db, page.bookings);
  return page;
}

Ending approve(Session& db, const Approval& command, const Attempt& attempt,
               const EntropySource& entropy, std::optional<ApproveOutcome>& out) {
  auto booking = read_booking(db, command.number);
  if (!booking) {
    out = ApproveRefusal::NotFound;
    return Ending::RollBack;
  }
  if (attempt.maybe_committed && booking->visit == command.visit &&
      booking->updated == command.now) {
    out = std::move(*booking);  // it was us, and the commit had worked
    return Ending::RollBack;
  }
  if (!core::may_move(booking->status, core::Status::Approved)) {
    out = ApproveRefusal::IllegalState;
    return Ending::RollBack;
  }
  const auto changed = db.execute(
      "UPDATE booking SET status = ?, technician = ?, visit_start_us = ?, visit_minutes = ?, "
      "version = version + 1, updated_us = ? WHERE id = ? AND version = ?",
      {static_cast<std::int64_t>(core::Status::Approved), command.visit.technician,
       micros(command.visit.start), static_cast<std::int64_t>(command.visit.duration.count()),
       micros(command.now), blob(booking->id), booking->version});
  if (changed == 0) throw Again{};  // somebody else moved it since we read it
  for (const auto start : core::slot_claims(command.visit)) {
    if (!db.insert(
            "INSERT INTO slot_claim (technician, slot_start_us, booking_id) VALUES (?, ?, ?)",
            {command.visit.technician, micros(start), blob(booking->id)})) {
      out = ApproveRefusal::SlotTaken;
      return Ending::RollBack;
    }
  }
  write_audit(db, command.actor, command.now, "booking.approve", command.number.text(),
              std::string{core::to_string(booking->status)} + " -> approved, " +
                  command.visit.technician + ", " + core::format_rfc3339(command.visit.start) +
                  ", " + std::to_string(command.visit.duration.count()) + " min",
              entropy);
  booking->status = core::Status::Approved;
  booking->visit = command.visit;
  booking->updated = command.now;
  ++booking->version;
  out = std::move(*booking);
  return Ending::Commit;
}

}  // namespace booking::store
