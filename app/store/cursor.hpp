#pragma once

#include "app/core/booking.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace booking::store {

/// The last booking of a page: the next page begins after it, however many were added since.
struct Cursor {
  common::WallTime created;
  core::BookingId id{};

  bool operator==(const Cursor&) const = default;
};

/// 48 hexadecimal digits, opaque to clients.
std::string to_text(const Cursor& cursor);
std::optional<Cursor> parse_cursor(std::string_view text);

}  // namespace booking::store
