#pragma once

#include "app/core/booking.hpp"
#include "app/core/calendar.hpp"

#include <optional>
#include <vector>

namespace booking::core {

/// A day on which the shop comes, and what of it a guest can wish for.
struct OfferedDay {
  Date date;
  std::vector<std::chrono::minutes> starts;  // since midnight in Seoul, in order; never none

  bool has(DayPart half) const;

  bool operator==(const OfferedDay&) const = default;
};

/// A form that was filled in while a window was still offered is taken so long afterwards.
inline constexpr std::chrono::minutes kWindowGrace{30};

/// Why a guest cannot wish for that window: never Misfit::Taken, which nobody promises a guest.
/// Morning is what is worked before noon; a part is over when its last granule begins sooner than
/// the lead time from `now`, as is a time. At a time a granule must be worked, however long the
/// visit will be.
std::optional<Misfit> misfit_of(const CalendarRules& rules, const PreferredWindow& window,
                                common::WallTime now);

/// The days among the `count` from today on that are offered, in order.
std::vector<OfferedDay> offered_days(const CalendarRules& rules, common::WallTime now,
                                     std::chrono::days count);

}  // namespace booking::core
