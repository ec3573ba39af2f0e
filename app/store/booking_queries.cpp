#include "app/store/booking_queries.hpp"

#include "app/store/booking_rows.hpp"
#include "app/store/consent_queries.hpp"
#include "app/store/event_queries.hpp"
#include "app/store/key_queries.hpp"
#include "app/store/outbox_queries.hpp"
#include "app/store/photo_queries.hpp"
#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace booking::store {
namespace {

constexpr int kNumberTries = 5;
constexpr std::int64_t kMostByName = 20;

/// Also finds a customer whose number was written before numbers were sealed. Each half is a look
/// into one index; an OR of both would merge the two of them in a table of its own first.
std::optional<core::BookingId> find_customer(Session& db, const core::Phone& phone,
                                             const privacy::Vault& vault) {
  const auto rows = db.query(
      "SELECT id FROM customer WHERE phone_index = ? UNION ALL SELECT id FROM customer WHERE phone "
      "= ?",
      {phone_index(vault, phone), phone.e164()});
  if (rows.empty()) return std::nullopt;
  return octets_of<16>(rows.front().text(0));
}

/// The id of a customer made for a phone that nobody has; nothing when somebody has it.
std::optional<core::BookingId> insert_customer(Session& db, const core::BookingRequest& request,
                                               common::WallTime now, const Tools& tools) {
  const auto& phone = request.phone;
  const auto id = new_id(now, tools.entropy);
  const auto index = phone_index(tools.vault, phone);
  if (db.insert("INSERT INTO customer (id, phone, name, created_us, phone_sealed, phone_index, "
                "phone_last4, key_id) SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 "
                "FROM customer WHERE phone_index = ?) AND NOT EXISTS (SELECT 1 FROM customer WHERE "
                "phone = ?)",
                {blob(id), phone_token(tools.vault, phone), request.name, micros(now),
                 seal(tools.vault, kPhoneColumn, id, phone.e164()), index, phone.last_four(),
                 static_cast<std::int64_t>(tools.vault.active()), index, phone.e164()}))
    return id;
  return std::nullopt;
}

/// Whoever has a phone that insert_customer found taken.
core::BookingId present_customer(Session& db, const core::Phone& phone,
                                 const privacy::Vault& vault) {
  const auto found = find_customer(db, phone, vault);
  if (!found) throw Again{};  // erased meanwhile
  return *found;
}

}  // namespace

core::BookingId customer_of(Session& db, const core::BookingRequest& request, common::WallTime now,
                            const Tools& tools) {
  if (const auto made = insert_customer(db, request, now, tools)) return *made;
  return present_customer(db, request.phone, tools.vault);
}

bool still_has(Session& db, const core::BookingId& customer, const core::Phone& phone,
               const privacy::Vault& vault) {
  return !db.query("SELECT id FROM customer WHERE id = ? AND (phone_index = ? OR phone = ?)",
                   {blob(customer), phone_index(vault, phone), phone.e164()})
              .empty();
}

namespace {

// The customer last: by its id, or looked up by its telephone number in the same statement.
#define MAINSTAY_NEW_BOOKING(from, customer)                                                 \
  "INSERT INTO booking (id, number, status, service, description, address, address_sealed, " \
  "address_detail_sealed, key_id, contact_name, version, created_us, updated_us, urgent, "   \
  "customer_id) " from "?, ?, ?, ?, ?, '', ?, ?, ?, ?, 1, ?, ?, ?, " customer
constexpr const char* kOfCustomer = MAINSTAY_NEW_BOOKING("VALUES (", "?)");
constexpr const char* kOfPhone =
    MAINSTAY_NEW_BOOKING("SELECT ", "c.id FROM customer c WHERE c.phone_index = ?");
#undef MAINSTAY_NEW_BOOKING
constexpr std::size_t kNumberAt = 1;

/// The parameters of both.
std::vector<Parameter> row_of(const CreateBooking& command, const core::BookingId& id,
                              const core::BookingNumber& number, const privacy::Vault& vault) {
  const auto& request = command.request;
  return {blob(id),
          number.text(),
          static_cast<std::int64_t>(core::Status::Requested),
          static_cast<std::int64_t>(request.service),
          seal(vault, kDescriptionColumn, id, request.description),
          seal(vault, kAddressColumn, id, request.address),
          sealed_detail(vault, id, request.address_detail),
          static_cast<std::int64_t>(vault.active()),
          request.name,
          micros(command.now),
          micros(command.now),
          std::int64_t{request.urgent ? 1 : 0},
          phone_index(vault, request.phone)};
}

/// True when the customer was there before.
bool insert_booking(Session& db, const CreateBooking& command, const core::BookingId& id,
                    core::BookingNumber& number, const Tools& tools) {
  const auto& request = command.request;
  auto row = row_of(command, id, number, tools.vault);
  const auto made = insert_customer(db, request, command.now, tools);
  if (!made && db.insert(kOfPhone, row)) return true;
  // Somebody new, a number from before numbers were sealed, or a booking number that is taken.
  row.back() = blob(made ? *made : present_customer(db, request.phone, tools.vault));
  int tries = 1;
  while (!db.insert(kOfCustomer, row)) {
    if (++tries > kNumberTries) throw SqlError{Trouble::Refused, "no free booking number found"};
    number = core::BookingNumber::from_entropy(tools.entropy());
    row[kNumberAt] = number.text();
  }
  return !made;
}

Parameter minutes_of(const core::PreferredWindow& window) {
  return window.start ? Parameter{std::int64_t{window.start->count()}} : Parameter{};
}

}  // namespace

void insert_windows(Session& db, const core::BookingId& id,
                    const std::vector<core::PreferredWindow>& windows) {
  // As many rows as there are, in one statement: a round trip costs more than a row.
#define MAINSTAY_WINDOWS                                                                 \
  "INSERT INTO preferred_window (booking_id, position, day, part, start_minute) VALUES " \
  "(?, ?, ?, ?, ?)"
  constexpr std::array kInserts{MAINSTAY_WINDOWS, MAINSTAY_WINDOWS ", (?, ?, ?, ?, ?)",
                                MAINSTAY_WINDOWS ", (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)"};
#undef MAINSTAY_WINDOWS
  static_assert(kInserts.size() == core::kMaxPreferred);
  if (windows.empty()) return;
  std::vector<Parameter> values;
  std::int64_t position = 0;
  for (const auto& window : windows)
    values.insert(values.end(), {blob(id), position++, day_number(window.date),
                                 static_cast<std::int64_t>(window.part), minutes_of(window)});
  db.execute(kInserts.at(windows.size() - 1), values);
}

std::optional<core::Booking> read_booking(Session& db, const core::BookingNumber& number,
                                          const privacy::Vault& vault) {
  const auto rows =
      db.query("SELECT " MAINSTAY_BOOKING_COLUMNS "WHERE b.number = ?", {number.text()});
  if (rows.empty()) return std::nullopt;
  std::vector<core::Booking> found{booking_of(rows.front(), vault)};
  add_parts(db, found);
  return std::move(found.front());
}

Ending create_booking(Session& db, const CreateBooking& command, const Attempt& attempt,
                      const Tools& tools, std::optional<CreateOutcome>& out) {
  const auto& entropy = tools.entropy;
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

  const bool was_there = insert_booking(db, command, id, number, tools);
  insert_windows(db, id, command.request.preferred);
  insert_consents(db, id, command);
  if (command.draft) adopt_photos(db, id, *command.draft);
  const core::Event event{command.now, core::Move::Request, core::Party::Guest, {}, {}};
  // The booking's row holds its customer's; whoever erased it before left a phone of nobody.
  if (!was_there)
    write_event(db, id, event, tools);
  else if (!write_event_of(db, id, event, command.request.phone, tools))
    throw Again{};
  write_messages(db, id, {core::Move::Request, core::Party::Guest, core::Status::Requested, true},
                 command.now, tools);
  out = Created{{number, core::Status::Requested, command.now}, false};
  return Ending::Commit;
}

std::vector<core::Booking> find_by_name(Session& db, const std::string& name,
                                        const core::Phone& phone, const privacy::Vault& vault) {
  std::vector<core::Booking> found;
  for (const auto& row :
       db.query("SELECT " MAINSTAY_BOOKING_COLUMNS
                "WHERE (c.phone_index = ? OR c.phone = ?) AND b.contact_name = ? AND "
                "b.anonymised_us IS NULL ORDER BY b.created_us DESC, b.id DESC LIMIT ?",
                {phone_index(vault, phone), phone.e164(), name, kMostByName})) {
    found.push_back(booking_of(row, vault));
    found.back().estimate.reset();  // not read, as the windows are not
  }
  return found;
}

BookingPage list_bookings(Session& db, const BookingQuery& query, const privacy::Vault& vault) {
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
    page.bookings.push_back(booking_of(row, vault));
  if (page.bookings.size() > limit) {
    page.bookings.erase(page.bookings.end() - 1);
    page.next = Cursor{page.bookings.back().created, page.bookings.back().id};
  }
  add_parts(db, page.bookings);
  return page;
}

}  // namespace booking::store
