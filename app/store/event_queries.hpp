#pragma once

#include "app/store/session.hpp"
#include "app/store/store.hpp"
#include "app/store/tools.hpp"

#include <optional>
#include <vector>

namespace booking::store {

// The SQL of a booking's timeline and of claimed time.

void write_event(Session& db, const core::BookingId& booking, const core::Event& event,
                 const Tools& tools);
/// The same if the booking's customer has that phone (still); else nothing, and false. A booking's
/// row holds on to its customer's: true stays true until the transaction ends.
bool write_event_of(Session& db, const core::BookingId& booking, const core::Event& event,
                    const core::Phone& phone, const Tools& tools);
std::vector<core::Event> read_events(Session& db, const core::BookingId& booking,
                                     const privacy::Vault& vault);

/// A row of booking_event as it stands there.
struct EventRow {
  std::int64_t at_us{0};
  std::int64_t move{0};
  std::int64_t party{0};
  const std::string& actor;
  const std::string& detail;  // sealed
  const std::string& id;
};
/// Nothing for one of a later release.
std::optional<core::Event> event_of(const EventRow& row, const privacy::Vault& vault);

core::Taken read_claims(Session& db, const ClaimQuery& query);
/// False when one of the granules is claimed.
bool claim(Session& db, const core::BookingId& booking, const core::Visit& visit,
           std::chrono::minutes travel);
void release_claims(Session& db, const core::BookingId& booking);

}  // namespace booking::store
