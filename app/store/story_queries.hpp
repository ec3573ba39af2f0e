#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"

namespace booking::store {

// The SQL of all that belongs to one booking, for whoever is told all of it.

/// The preferred windows and the last estimate go into a booking that booking_of read.
Story add_story(Session& db, core::Booking& booking, const privacy::Vault& vault);

}  // namespace booking::store
