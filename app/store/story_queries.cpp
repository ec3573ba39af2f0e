#include "app/store/story_queries.hpp"

#include "app/store/booking_rows.hpp"
#include "app/store/event_queries.hpp"
#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"

#include <map>
#include <utility>

namespace booking::store {
namespace {

// There is a row whether or not there is a booking, as failures are there without one. What belongs
// to the booking comes side by side, not each with each: with the first wish the photos, with the
// first wish and the first photo the timeline. Both are counted from 0. Not sorted there: that
// would make the server keep the rows in a table of its own first. With another one's phone there
// is no customer, and then nothing that belongs to the booking is looked for: it takes as long as a
// number of nobody's.
#define MAINSTAY_OF_GUEST "CASE WHEN c.id IS NULL THEN NULL ELSE b.id END "
constexpr const char* kAll =
    "SELECT " MAINSTAY_BOOKING_FIELDS("NULL")
    ", w.position, w.day, w.part, w.start_minute, p.position, p.id, p.octets, p.width, p.height, p.created_us, "
    "e.at_us, e.id, e.move, e.party, e.actor, e.detail, f.failures, f.last_us, g.failures, "
    "g.last_us "
    "FROM (SELECT 1 AS one) AS always "
    "LEFT JOIN login_failure f ON f.subject = ? "
    "LEFT JOIN login_failure g ON g.subject = ? "
    "LEFT JOIN booking b ON b.number = ? AND b.anonymised_us IS NULL "
    "LEFT JOIN customer c ON c.id = b.customer_id AND (c.phone_index = ? OR c.phone = "
    "?) "
    "LEFT JOIN preferred_window w ON w.booking_id = " MAINSTAY_OF_GUEST
    "LEFT JOIN photo p ON p.booking_id = " MAINSTAY_OF_GUEST "AND COALESCE(w.position, 0) = 0 "
    "LEFT JOIN booking_event e ON e.booking_id = " MAINSTAY_OF_GUEST
    "AND COALESCE(w.position, 0) = 0 AND COALESCE(p.position, 0) = 0";
#undef MAINSTAY_OF_GUEST

// Where a row has what; the booking's own columns are where booking_of reads them.
constexpr std::size_t kCustomer = 18;
constexpr std::size_t kWish = 22;      // 4 columns
constexpr std::size_t kPhoto = 26;     // 6
constexpr std::size_t kEvent = 32;     // 6
constexpr std::size_t kFailures = 38;  // 2 of each subject

LoginFailures failures_at(const Row& row, std::size_t column) {
  if (row.is_null(column)) return {};
  return {static_cast<std::uint32_t>(row.integer(column)), wall_time(row.integer(column + 1))};
}

/// What belongs to a booking, each once and in its order.
struct Parts {
  std::map<std::int64_t, core::PreferredWindow> wishes;                               // by position
  std::map<std::int64_t, Photo> photos;                                               // the same
  std::map<std::pair<std::int64_t, std::string>, std::optional<core::Event>> events;  // time, id

  void add(const Row& row, const privacy::Vault& vault) {
    if (!row.is_null(kWish)) wishes.try_emplace(row.integer(kWish), window_of(row, kWish + 1));
    if (!row.is_null(kPhoto))
      photos.try_emplace(row.integer(kPhoto),
                         Photo{octets_of<16>(row.text(kPhoto + 1)), row.integer(kPhoto + 2),
                               row.integer(kPhoto + 3), row.integer(kPhoto + 4),
                               wall_time(row.integer(kPhoto + 5))});
    if (!row.is_null(kEvent))
      events.try_emplace({row.integer(kEvent), row.text(kEvent + 1)},
                         event_of({.at_us = row.integer(kEvent),
                                   .move = row.integer(kEvent + 2),
                                   .party = row.integer(kEvent + 3),
                                   .actor = row.text(kEvent + 4),
                                   .detail = row.text(kEvent + 5),
                                   .id = row.text(kEvent + 1)},
                                  vault));
  }
};

Found found_in(Session& db, const std::vector<Row>& rows, const privacy::Vault& vault) {
  Parts parts;
  for (const auto& row : rows) parts.add(row, vault);
  Found found{booking_of(rows.front(), vault), {}};
  for (const auto& [position, wish] : parts.wishes) found.booking.request.preferred.push_back(wish);
  for (const auto& [position, photo] : parts.photos) found.story.photos.push_back(photo);
  for (auto& [place, event] : parts.events) {
    if (!event) continue;
    // The timeline tells that there is an estimate; it is read below.
    if (event->move == core::Move::Quote) found.booking.estimate.emplace();
    found.story.events.push_back(std::move(*event));
  }
  std::vector<core::Booking> one{std::move(found.booking)};
  add_estimates(db, one);
  found.booking = std::move(one.front());
  return found;
}

}  // namespace

Looked look_up(Session& db, const GuestLook& look, const privacy::Vault& vault) {
  // What is no number or no phone is asked for as well, and found nowhere. Who is not let costs as
  // much as who is: the time tells nobody whether there is something.
  const auto rows = db.query(
      kAll, {look.subjects[0], look.subjects[1], look.number ? look.number->text() : std::string{},
             look.phone ? phone_index(vault, *look.phone) : Blob{},
             look.phone ? look.phone->e164() : std::string{}});
  const auto& first = rows.at(0);
  Looked looked{.failures = {failures_at(first, kFailures), failures_at(first, kFailures + 2)}};
  looked.let = look.may(looked.failures);
  if (looked.let && !first.is_null(kCustomer)) looked.found = found_in(db, rows, vault);
  return looked;
}

}  // namespace booking::store
