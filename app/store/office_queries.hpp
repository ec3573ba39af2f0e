#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/office.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"
#include "app/store/transaction.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace booking::store {

// The SQL of what the office reads of bookings, of technicians and of the calendar's feed.

std::map<core::BookingId, KnownGuest> known_guests(Session& db,
                                                   const std::vector<core::BookingId>& bookings);
std::set<core::BookingId> wished_anew(Session& db, const std::vector<core::BookingId>& bookings);
std::vector<PastBooking> earlier_bookings(Session& db, const core::BookingId& booking);
std::vector<core::Booking> visits(Session& db, const Period& period, const privacy::Vault& vault);
std::vector<core::Booking> made(Session& db, const Period& period, const privacy::Vault& vault);
StatusCounts made_counts(Session& db, const Period& period);

std::vector<std::string> technicians(Session& db);
Ending set_technicians(Session& db, const TechniciansChange& change, const EntropySource& entropy,
                       std::optional<TechniciansOutcome>& out);

void set_feed(Session& db, const std::array<std::uint8_t, 32>& token_hash, const Actor& actor,
              common::WallTime now, const EntropySource& entropy);
bool knows_feed(Session& db, const std::array<std::uint8_t, 32>& token_hash);

/// Of `number, status, service, created_us, visit_start_us`.
PastBooking past_booking_of(const Row& row);

}  // namespace booking::store
