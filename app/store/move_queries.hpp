#pragma once

#include "app/store/store.hpp"
#include "app/store/tools.hpp"
#include "app/store/transaction.hpp"

#include <optional>

namespace booking::store {

/// One row of core::rules() as SQL: status, visit and claims, estimate or amendment, timeline,
/// audit log and idempotency key, all in the transaction at hand.
Ending move_booking(Session& db, const Transition& command, const Attempt& attempt,
                    const Tools& tools, std::optional<MoveOutcome>& out);

}  // namespace booking::store
