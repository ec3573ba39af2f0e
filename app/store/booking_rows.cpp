#include "app/store/booking_rows.hpp"

#include "app/store/row_values.hpp"

#include <algorithm>
#include <map>

namespace booking::store {
namespace {

template <class T>
T known(std::optional<T> value, const char* column) {
  if (!value)
    throw SqlError{Trouble::Refused, std::string{"a value nobody knows in column "} + column};
  return std::move(*value);
}

}  // namespace

core::Booking booking_of(const Row& row) {
  core::Booking booking{.id = octets_of<16>(row.text(0)),
                        .number = known(core::BookingNumber::parse(row.text(1)), "number"),
                        .status = known(core::status_of(row.integer(2)), "status"),
                        .request = {.service = known(core::service_of(row.integer(3)), "service"),
                                    .description = row.text(4),
                                    .address = row.text(5),
                                    .name = row.text(6),
                                    .phone = known(core::Phone::parse(row.text(7)), "phone"),
                                    .preferred = {}},
                        .visit = std::nullopt,
                        .version = row.integer(11),
                        .created = wall_time(row.integer(12)),
                        .updated = wall_time(row.integer(13))};
  if (!row.is_null(8))
    booking.visit =
        core::Visit{row.text(8), wall_time(row.integer(9)), std::chrono::minutes{row.integer(10)}};
  return booking;
}

void add_windows(Session& db, std::vector<core::Booking>& bookings) {
  if (bookings.empty()) return;
  std::map<core::BookingId, core::Booking*> by_id;
  auto first = bookings.front().created;
  auto last = first;
  for (auto& booking : bookings) {
    by_id[booking.id] = &booking;
    first = std::min(first, booking.created);
    last = std::max(last, booking.created);
  }
  const auto rows = db.query(
      "SELECT w.booking_id, w.day, w.part FROM preferred_window w JOIN booking b ON b.id = "
      "w.booking_id WHERE b.created_us BETWEEN ? AND ? ORDER BY w.booking_id, w.position",
      {micros(first), micros(last)});
  for (const auto& row : rows) {
    const auto found = by_id.find(octets_of<16>(row.text(0)));
    if (found == by_id.end()) continue;
    found->second->request.preferred.push_back(
        {day_of(row.integer(1)), known(core::day_part_of(row.integer(2)), "part")});
  }
}

}  // namespace booking::store
