#pragma once

#include "app/store/office.hpp"
#include "app/store/session.hpp"
#include "app/store/tools.hpp"
#include "app/store/transaction.hpp"

#include <optional>

namespace booking::store {

// The SQL of when the shop works.

/// As the owner said, or the usual calendar in its first version.
ShopCalendar read_calendar(Session& db);
Ending set_calendar(Session& db, const CalendarChange& change, const Attempt& attempt,
                    const Tools& tools, std::optional<CalendarOutcome>& out);

}  // namespace booking::store
