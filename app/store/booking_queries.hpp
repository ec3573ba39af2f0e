#pragma once

#include "app/store/store.hpp"
#include "app/store/tools.hpp"
#include "app/store/transaction.hpp"

#include <optional>

namespace booking::store {

// The SQL of bookings. Each writes its outcome to `out` and says how the transaction ends.

/// Draws random bits in this order: id (2), number (1), customer's id (2, used if new), another
/// number for each that is taken (1), the event's and those of messages (2 each).
Ending create_booking(Session& db, const CreateBooking& command, const Attempt& attempt,
                      const Tools& tools, std::optional<CreateOutcome>& out);

std::vector<core::Booking> find_by_name(Session& db, const std::string& name,
                                        const core::Phone& phone, const privacy::Vault& vault);

BookingPage list_bookings(Session& db, const BookingQuery& query, const privacy::Vault& vault);

/// With its preferred windows and its last estimate.
std::optional<core::Booking> read_booking(Session& db, const core::BookingNumber& number,
                                          const privacy::Vault& vault);
/// Whose bookings a phone's are: made when nobody had it. Hold on to it by a booking's row, then
/// ask `still_has`.
core::BookingId customer_of(Session& db, const core::BookingRequest& request, common::WallTime now,
                            const Tools& tools);
/// False when whoever had the phone was erased before a booking's row held on to the customer.
bool still_has(Session& db, const core::BookingId& customer, const core::Phone& phone,
               const privacy::Vault& vault);
void insert_windows(Session& db, const core::BookingId& id,
                    const std::vector<core::PreferredWindow>& windows);

}  // namespace booking::store
