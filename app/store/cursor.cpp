#include "app/store/cursor.hpp"

#include "common/bytes.hpp"

#include <algorithm>

namespace booking::store {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::optional<std::uint8_t> octet_at(std::string_view text, std::size_t index) {
  const auto high = kDigits.find(text[2 * index]);
  const auto low = kDigits.find(text[2 * index + 1]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(high * 16 + low);
}

void append_octet(std::string& out, std::uint8_t octet) {
  out += kDigits[octet >> 4U];
  out += kDigits[octet & 0x0FU];
}

}  // namespace

std::string to_text(const Cursor& cursor) {
  std::string text;
  for (const auto octet :
       common::to_big_endian(static_cast<std::uint64_t>(cursor.created.time_since_epoch().count())))
    append_octet(text, octet);
  for (const auto octet : cursor.id) append_octet(text, octet);
  return text;
}

std::optional<Cursor> parse_cursor(std::string_view text) {
  std::array<std::uint8_t, 24> octets{};
  if (text.size() != 2 * octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto octet = octet_at(text, i);
    if (!octet) return std::nullopt;
    octets[i] = *octet;
  }
  common::OctetReader reader{octets};
  const auto created = reader.read<std::uint64_t>();
  Cursor cursor{common::WallTime{std::chrono::microseconds{static_cast<std::int64_t>(*created)}},
                {}};
  std::copy(reader.rest().begin(), reader.rest().end(), cursor.id.begin());
  return cursor;
}

}  // namespace booking::store
