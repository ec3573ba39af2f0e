#pragma once

#include "app/core/booking.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace booking::store {

// How values of the domain are spelled in the tables.

inline std::int64_t micros(common::WallTime time) { return time.time_since_epoch().count(); }
inline common::WallTime wall_time(std::int64_t micros) {
  return common::WallTime{std::chrono::microseconds{micros}};
}

template <std::size_t N>
Blob blob(const std::array<std::uint8_t, N>& octets) {
  return {std::string{octets.begin(), octets.end()}};
}

/// Shorter content leaves zeros, longer is cut: neither happens with a BINARY(N) column.
template <std::size_t N>
std::array<std::uint8_t, N> octets_of(const std::string& text) {
  std::array<std::uint8_t, N> octets{};
  std::copy_n(text.begin(), std::min(text.size(), N), octets.begin());
  return octets;
}

/// A day as the number 20261201.
inline std::int64_t day_number(core::Date date) {
  return std::int64_t{static_cast<int>(date.year())} * 10000 +
         std::int64_t{static_cast<unsigned>(date.month())} * 100 +
         std::int64_t{static_cast<unsigned>(date.day())};
}
inline core::Date day_of(std::int64_t number) {
  return core::Date{std::chrono::year{static_cast<int>(number / 10000)},
                    std::chrono::month{static_cast<unsigned>(number / 100 % 100)},
                    std::chrono::day{static_cast<unsigned>(number % 100)}};
}

/// A UUID of version 7 (RFC 9562 §5.7): ids made one after another lie together in the index.
core::BookingId new_id(common::WallTime now, const EntropySource& entropy);

}  // namespace booking::store
