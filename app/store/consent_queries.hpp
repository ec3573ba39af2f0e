#pragma once

#include "app/store/office.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"

#include <vector>

namespace booking::store {

// The SQL of what guests agreed to. Nothing in it is personal: it outlives the words of its
// booking.

/// Those that are given with a new booking.
void insert_consents(Session& db, const core::BookingId& booking, const CreateBooking& command);
std::vector<core::Consent> consents_of(Session& db, const core::BookingId& booking);
/// Of this person's numbers, newest first.
std::vector<CustomerFile::Agreed> consents_of_customer(Session& db,
                                                       const core::BookingId& customer);

}  // namespace booking::store
