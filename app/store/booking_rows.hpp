#pragma once

#include "app/core/booking.hpp"
#include "app/privacy/vault.hpp"
#include "app/store/session.hpp"

#include <vector>

namespace booking::store {

/// The columns booking_of reads, in its order, of `booking b` and `customer c`; `estimate` is
/// something when the booking has one.
#define MAINSTAY_BOOKING_FIELDS(estimate)                                                    \
  "b.id, b.number, b.status, b.service, b.description, b.address, b.contact_name, c.phone, " \
  "b.technician, b.visit_start_us, b.visit_minutes, b.version, b.created_us, b.updated_us, " \
  "b.reason, b.address_sealed, c.phone_sealed, b.anonymised_us, c.id, " estimate             \
  ", b.urgent, b.address_detail_sealed "
#define MAINSTAY_BOOKING_TABLES "FROM booking b JOIN customer c ON c.id = b.customer_id "
#define MAINSTAY_BOOKING_COLUMNS                                                                \
  MAINSTAY_BOOKING_FIELDS("(SELECT MAX(e.revision) FROM estimate e WHERE e.booking_id = b.id)") \
  MAINSTAY_BOOKING_TABLES

/// A booking without its preferred windows; of an estimate there is but that there is one. A value
/// the program does not know throws SqlError: the CHECK constraints keep such rows out.
core::Booking booking_of(const Row& row, const privacy::Vault& vault);

/// Adds the preferred windows of bookings made between the first and the last of them, and their
/// last estimates.
void add_parts(Session& db, std::vector<core::Booking>& bookings);
/// Their last estimates alone, of those that booking_of saw to have one.
void add_estimates(Session& db, std::vector<core::Booking>& bookings);
/// Of the columns day, part and start_minute, of which the first is `column`.
core::PreferredWindow window_of(const Row& row, std::size_t column);

}  // namespace booking::store
