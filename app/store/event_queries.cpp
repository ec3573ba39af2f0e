#include "app/store/event_queries.hpp"

#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"

namespace booking::store {

namespace {

#define MAINSTAY_NEW_EVENT(whose) \
  "INSERT INTO booking_event (id, at_us, move, party, actor, detail, booking_id) " whose
constexpr const char* kOfBooking = MAINSTAY_NEW_EVENT("VALUES (?, ?, ?, ?, ?, ?, ?)");
constexpr const char* kOfBookingAndPhone = MAINSTAY_NEW_EVENT(
    "SELECT ?, ?, ?, ?, ?, ?, b.id FROM booking b JOIN customer c ON c.id = b.customer_id WHERE "
    "b.id = ? AND (c.phone_index = ? OR c.phone = ?)");
#undef MAINSTAY_NEW_EVENT

/// Parameters: all but whose it is.
std::vector<Parameter> row_of(const core::Event& event, const Tools& tools) {
  const auto id = new_id(event.at, tools.entropy);
  return {blob(id),
          micros(event.at),
          static_cast<std::int64_t>(event.move),
          static_cast<std::int64_t>(event.by),
          event.actor,
          event.detail.empty() ? event.detail : seal(tools.vault, kEventColumn, id, event.detail)};
}

}  // namespace

void write_event(Session& db, const core::BookingId& booking, const core::Event& event,
                 const Tools& tools) {
  auto row = row_of(event, tools);
  row.emplace_back(blob(booking));
  db.execute(kOfBooking, row);
}

bool write_event_of(Session& db, const core::BookingId& booking, const core::Event& event,
                    const core::Phone& phone, const Tools& tools) {
  auto row = row_of(event, tools);
  row.insert(row.end(), {blob(booking), phone_index(tools.vault, phone), phone.e164()});
  return db.execute(kOfBookingAndPhone, row) > 0;
}

std::vector<core::Event> read_events(Session& db, const core::BookingId& booking,
                                     const privacy::Vault& vault) {
  std::vector<core::Event> events;
  for (const auto& row : db.query("SELECT at_us, move, party, actor, detail, id FROM booking_event "
                                  "WHERE booking_id = ? ORDER "
                                  "BY at_us, id",
                                  {blob(booking)}))
    if (auto event = event_of({.at_us = row.integer(0),
                               .move = row.integer(1),
                               .party = row.integer(2),
                               .actor = row.text(3),
                               .detail = row.text(4),
                               .id = row.text(5)},
                              vault))
      events.push_back(std::move(*event));
  return events;
}

std::optional<core::Event> event_of(const EventRow& row, const privacy::Vault& vault) {
  const auto move = core::move_of(row.move);
  const auto by = core::party_of(row.party);
  if (!move || !by) return std::nullopt;
  return core::Event{wall_time(row.at_us), *move, *by, row.actor,
                     unseal(vault, kEventColumn, octets_of<16>(row.id), row.detail)};
}

core::Taken read_claims(Session& db, const ClaimQuery& query) {
  core::Taken taken;
  for (const auto& row : db.query(
           "SELECT slot_start_us FROM slot_claim WHERE technician = ? AND slot_start_us >= ? AND "
           "slot_start_us < ?",
           {query.technician, micros(query.from), micros(query.to)}))
    taken.insert(wall_time(row.integer(0)));
  return taken;
}

bool claim(Session& db, const core::BookingId& booking, const core::Visit& visit,
           std::chrono::minutes travel) {
  for (const auto start : core::slot_claims(visit, travel))
    if (!db.insert(
            "INSERT INTO slot_claim (technician, slot_start_us, booking_id) VALUES (?, ?, ?)",
            {visit.technician, micros(start), blob(booking)}))
      return false;
  return true;
}

void release_claims(Session& db, const core::BookingId& booking) {
  db.execute("DELETE FROM slot_claim WHERE booking_id = ?", {blob(booking)});
}

}  // namespace booking::store
