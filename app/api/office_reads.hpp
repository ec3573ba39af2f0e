#pragma once

#include "app/core/calendar.hpp"
#include "app/core/lifecycle.hpp"
#include "app/store/office.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace booking::api {

// What the office's pages show, put together from what the store has. Pure.

struct BookingDetail {
  core::Booking booking;
  std::vector<core::Event> timeline;
  std::vector<store::PastBooking> earlier;
  std::vector<std::string> photos;  // where staff sees them
  std::vector<core::Consent> consents;
};
/// What staff can do to it now, in the order of the table.
std::vector<core::Move> staff_moves(core::Status status);

/// Those whose visit is still to come about, which is where a guest's new wishes matter.
std::vector<core::BookingId> promised(const std::vector<core::Booking>& bookings);

struct CalendarDay {
  core::Date date;
  std::optional<core::WorkingDay> hours;  // nothing: a day of rest
  std::string_view holiday;               // its Korean name, or empty
  bool closed{false};                     // by the shop, not by the week or a holiday
};
struct CalendarView {
  std::vector<core::Booking> visits;
  std::vector<CalendarDay> days;
  std::vector<std::string> technicians;  // the shop's, then those who have visits all the same
  std::set<core::BookingId> wished_anew{};
};
inline constexpr std::size_t kMostDays = 62;  // of one look
CalendarView calendar_view(std::vector<core::Booking> visits, std::vector<std::string> technicians,
                           const core::CalendarRules& rules, const store::Period& period);

struct MonthReport {
  struct Row {
    core::Service service{core::Service::Other};
    std::int64_t jobs{0};
    std::int64_t revenue{0};  // KRW: of the estimates that were agreed on
  };
  std::string month;
  std::int64_t received{0};
  std::int64_t cancelled{0};
  std::int64_t done{0};
  std::int64_t revenue{0};
  std::vector<Row> services;
};
/// `made` counts what came in that month; of `visits` those count that began in it, which is
/// `period`.
MonthReport month_report(std::string month, const store::Period& period,
                         const store::StatusCounts& made, const std::vector<core::Booking>& visits);

/// `2026-12` as the time from its first to its last moment in Seoul.
std::optional<store::Period> month_period(std::string_view month);

/// The file of a month's bookings (app/records/csv.hpp).
std::string bookings_csv(const std::vector<core::Booking>& bookings);
/// The feed of visits (app/records/icalendar.hpp).
std::string visits_calendar(std::string_view business, const std::vector<core::Booking>& visits);

/// The bookings' numbers: how the audit log names whose data was shown.
std::vector<std::string> names_of(const std::vector<core::Booking>& bookings);

}  // namespace booking::api
