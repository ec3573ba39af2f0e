#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"

#include <optional>
#include <vector>

namespace booking::store {

// The SQL of all that a guest's look needs besides the booking's own row, in one statement.

/// What belongs to a booking, or to none, and the failed tries of these two. In an order of its
/// own.
std::vector<Row> read_beside(Session& db, const std::optional<core::BookingId>& booking,
                             const std::array<std::string, 2>& subjects);

/// Of read_beside's rows.
std::array<LoginFailures, 2> failures_in(const std::vector<Row>& rows,
                                         const std::array<std::string, 2>& subjects);

/// Of read_beside's rows. The preferred windows and the last estimate, which is asked for when
/// there is one, go into a booking that booking_of read.
Story add_story(Session& db, const std::vector<Row>& rows, core::Booking& booking,
                const privacy::Vault& vault);

}  // namespace booking::store
