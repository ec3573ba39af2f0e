#include "app/store/booking_queries.hpp"

#include "app/store/booking_rows.hpp"
#include "app/store/event_queries.hpp"
#include "app/store/key_queries.hpp"
#include "app/store/row_values.hpp"

#include <algorithm>
#include <limits>

namespace booking::store {
namespace {

constexpr int kNumberTries = 5;

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

}  // namespace

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
  add_estimates(db, found);
  return std::move(found.front());
}

Ending create_booking(Session& db, const CreateBooking& command, const Attempt& attempt,
                      const EntropySource& entropy, std::optional<CreateOutcome>& out) {
  const auto id = new_id(command.now, entropy);
  auto number = core::BookingNumber::from_entropy(entropy());
  std::optional<RecordedKey> recorded;
  const KeyUse use{command.idempotency_key, command.fingerprint, id, core::Status::Requested,
                   command.now};
  const auto observed = take_key(db, use, attempt, recorded);
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
  if (recorded) begin_key_anew(db, use, *recorded);

  const auto customer = customer_of(db, command.request, command.now, entropy);
  int tries = 1;
  while (!insert_booking(db, command, id, number, customer)) {
    if (++tries > kNumberTries) throw SqlError{Trouble::Refused, "no free booking number found"};
    number = core::BookingNumber::from_entropy(entropy());
  }
  insert_windows(db, id, command.request.preferred);
  write_event(db, id, {command.now, core::Move::Request, core::Party::Guest, {}, {}}, entropy);
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
  add_estimates(db, page.bookings);
  return page;
}

}  // namespace booking::store
