#include "app/store/story_queries.hpp"

#include "app/store/booking_rows.hpp"
#include "app/store/event_queries.hpp"
#include "app/store/photo_queries.hpp"
#include "app/store/row_values.hpp"

#include <algorithm>
#include <tuple>

namespace booking::store {
namespace {

// What a row of kAll is, in its first column.
constexpr std::int64_t kWindow = 1;
constexpr std::int64_t kEvent = 2;
constexpr std::int64_t kPhoto = 3;
constexpr std::int64_t kFailures = 4;

// Four tables in one statement: a round trip costs more than such rows. Not sorted there: that
// would make the server keep them in a table of its own first.
constexpr const char* kAll =
    "SELECT 1, position, day, part, 0, 0, '', '', booking_id FROM preferred_window WHERE "
    "booking_id = ? UNION ALL "
    "SELECT 2, at_us, move, party, 0, 0, actor, detail, id FROM booking_event WHERE booking_id = ? "
    "UNION ALL "
    "SELECT 3, position, octets, width, height, created_us, '', '', id FROM photo WHERE "
    "booking_id = ? UNION ALL "
    "SELECT 4, failures, last_us, 0, 0, 0, subject, '', '' FROM login_failure WHERE subject IN (?, "
    "?)";

/// Within a kind by position or time, then by id.
bool comes_before(const Row& one, const Row& other) {
  return std::forward_as_tuple(one.integer(0), one.integer(1), one.text(8)) <
         std::forward_as_tuple(other.integer(0), other.integer(1), other.text(8));
}

}  // namespace

std::vector<Row> read_beside(Session& db, const std::optional<core::BookingId>& booking,
                             const std::array<std::string, 2>& subjects) {
  const auto id = blob(booking.value_or(core::BookingId{}));  // of all zeros there is none
  auto rows = db.query(kAll, {id, id, id, subjects[0], subjects[1]});
  std::ranges::sort(rows, comes_before);
  return rows;
}

std::array<LoginFailures, 2> failures_in(const std::vector<Row>& rows,
                                         const std::array<std::string, 2>& subjects) {
  std::array<LoginFailures, 2> found;
  for (const auto& row : rows)
    if (row.integer(0) == kFailures)
      found.at(row.text(6) == subjects[0] ? 0 : 1) = {static_cast<std::uint32_t>(row.integer(1)),
                                                      wall_time(row.integer(2))};
  return found;
}

Story add_story(Session& db, const std::vector<Row>& rows, core::Booking& booking,
                const privacy::Vault& vault) {
  Story story;
  for (const auto& row : rows) {
    switch (row.integer(0)) {
      case kWindow:
        booking.request.preferred.push_back(window_of(row.integer(2), row.integer(3)));
        break;
      case kEvent:
        if (auto event = event_of({.at_us = row.integer(1),
                                   .move = row.integer(2),
                                   .party = row.integer(3),
                                   .actor = row.text(6),
                                   .detail = row.text(7),
                                   .id = row.text(8)},
                                  vault))
          story.events.push_back(std::move(*event));
        break;
      case kPhoto:
        story.photos.push_back({octets_of<16>(row.text(8)), row.integer(2), row.integer(3),
                                row.integer(4), wall_time(row.integer(5))});
        break;
    }
  }
  std::vector<core::Booking> one{std::move(booking)};
  add_estimates(db, one);
  booking = std::move(one.front());
  return story;
}

}  // namespace booking::store
