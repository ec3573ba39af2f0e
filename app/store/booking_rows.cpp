#include "app/store/booking_rows.hpp"

#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"

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

core::Phone phone_of(const Row& row, const privacy::Vault& vault) {
  const auto text = row.is_null(16)
                        ? row.text(7)
                        : unseal(vault, kPhoneColumn, octets_of<16>(row.text(18)), row.text(16));
  return known(core::Phone::parse(text), "phone");
}

/// Bookings by their id, and the times between which they were made.
class Several {
 public:
  explicit Several(std::vector<core::Booking>& bookings)
      : first_{bookings.front().created}, last_{first_} {
    for (auto& booking : bookings) {
      by_id_[booking.id] = &booking;
      first_ = std::min(first_, booking.created);
      last_ = std::max(last_, booking.created);
    }
  }

  std::vector<Parameter> range() const { return {micros(first_), micros(last_)}; }
  core::Booking* find(const std::string& id) const {
    const auto found = by_id_.find(octets_of<16>(id));
    return found == by_id_.end() ? nullptr : found->second;
  }

 private:
  std::map<core::BookingId, core::Booking*> by_id_;
  common::WallTime first_;
  common::WallTime last_;
};

void add_windows(Session& db, const Several& several) {
  const auto rows = db.query(
      "SELECT w.booking_id, w.day, w.part, w.start_minute FROM preferred_window w JOIN booking b "
      "ON b.id = "
      "w.booking_id WHERE b.created_us BETWEEN ? AND ? ORDER BY w.booking_id, w.position",
      several.range());
  for (const auto& row : rows)
    if (auto* booking = several.find(row.text(0)))
      booking->request.preferred.push_back(window_of(row, 1));
}

void read_estimates(Session& db, const Several& several) {
  std::map<core::BookingId, std::int64_t> last;
  const auto estimates = db.query(
      "SELECT e.booking_id, e.revision, e.note, e.valid_until_us FROM estimate e JOIN booking b ON "
      "b.id = e.booking_id WHERE b.created_us BETWEEN ? AND ? ORDER BY e.booking_id, e.revision",
      several.range());
  for (const auto& row : estimates)
    if (auto* booking = several.find(row.text(0))) {
      booking->estimate = core::Estimate{{}, row.text(2), wall_time(row.integer(3))};
      last[booking->id] = row.integer(1);
    }
  const auto items = db.query(
      "SELECT i.booking_id, i.revision, i.label, i.amount FROM estimate_item i JOIN booking b ON "
      "b.id = i.booking_id WHERE b.created_us BETWEEN ? AND ? ORDER BY i.booking_id, i.revision, "
      "i.position",
      several.range());
  for (const auto& row : items)
    if (auto* booking = several.find(row.text(0)); booking && last[booking->id] == row.integer(1))
      booking->estimate->items.push_back({row.text(2), row.integer(3)});
}

}  // namespace

core::Booking booking_of(const Row& row, const privacy::Vault& vault) {
  const auto id = octets_of<16>(row.text(0));
  const bool anonymised = !row.is_null(17);
  const auto opened = [&](const char* column, std::size_t index) {
    return row.is_null(index) ? std::string{} : unseal(vault, column, id, row.text(index));
  };
  core::Booking booking{
      .id = id,
      .number = known(core::BookingNumber::parse(row.text(1)), "number"),
      .status = known(core::status_of(row.integer(2)), "status"),
      .request = {.service = known(core::service_of(row.integer(3)), "service"),
                  .description = opened(kDescriptionColumn, 4),
                  .address = row.is_null(15) ? row.text(5) : opened(kAddressColumn, 15),
                  .address_detail = opened(kAddressDetailColumn, 21),
                  .name = row.text(6),
                  .phone = anonymised ? nobodys_phone() : phone_of(row, vault),
                  .preferred = {},
                  .urgent = row.integer(20) != 0},
      .visit = std::nullopt,
      .estimate = std::nullopt,
      .reason = opened(kReasonColumn, 14),
      .version = row.integer(11),
      .created = wall_time(row.integer(12)),
      .updated = wall_time(row.integer(13)),
      .anonymised = anonymised};
  if (!row.is_null(8))
    booking.visit =
        core::Visit{row.text(8), wall_time(row.integer(9)), std::chrono::minutes{row.integer(10)}};
  if (!row.is_null(19)) booking.estimate.emplace();
  return booking;
}

void add_parts(Session& db, std::vector<core::Booking>& bookings) {
  if (bookings.empty()) return;
  add_windows(db, Several{bookings});
  add_estimates(db, bookings);
}

void add_estimates(Session& db, std::vector<core::Booking>& bookings) {
  bool quoted = false;
  for (auto& booking : bookings) {
    quoted = quoted || booking.estimate;
    booking.estimate.reset();  // until it is read: it may be forgotten meanwhile
  }
  if (quoted) read_estimates(db, Several{bookings});
}

core::PreferredWindow window_of(const Row& row, std::size_t column) {
  core::PreferredWindow window{day_of(row.integer(column)),
                               known(core::day_part_of(row.integer(column + 1)), "part")};
  if (!row.is_null(column + 2)) window.start = std::chrono::minutes{row.integer(column + 2)};
  return window;
}

}  // namespace booking::store
