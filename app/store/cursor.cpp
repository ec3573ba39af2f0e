#include "app/store/cursor.hpp"

#include "app/privacy/hex.hpp"
#include "common/bytes.hpp"

#include <algorithm>

namespace booking::store {
std::string to_text(const Cursor& cursor) {
  const auto created = static_cast<std::uint64_t>(cursor.created.time_since_epoch().count());
  return privacy::to_hex(common::to_big_endian(created)) + privacy::to_hex(cursor.id);
}

std::optional<Cursor> parse_cursor(std::string_view text) {
  const auto octets = privacy::from_hex(text);
  if (!octets || octets->size() != sizeof(std::uint64_t) + core::BookingId{}.size())
    return std::nullopt;
  common::OctetReader reader{*octets};
  const auto created = reader.read<std::uint64_t>();
  Cursor cursor{common::WallTime{std::chrono::microseconds{static_cast<std::int64_t>(*created)}},
                {}};
  std::ranges::copy(reader.rest(), cursor.id.begin());
  if (to_text(cursor) != text) return std::nullopt;  // one text alone is its own
  return cursor;
}

}  // namespace booking::store
