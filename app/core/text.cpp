#include "app/core/text.hpp"

#include <cstdint>

namespace booking::core {
namespace {

/// Takes one code point off the front; nothing for anything Unicode calls ill-formed (overlong
/// forms, surrogates, beyond U+10FFFF, cut off). Unicode 15 §3.9, table 3-7.
std::optional<std::uint32_t> take_code_point(std::string_view& rest) {
  const auto lead = static_cast<std::uint8_t>(rest.front());
  std::size_t more = 0;
  std::uint32_t value = lead;
  std::uint32_t smallest = 0;
  if (lead >= 0xF0 && lead <= 0xF4) {
    more = 3, value = lead & 0x07U, smallest = 0x10000;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    more = 2, value = lead & 0x0FU, smallest = 0x800;
  } else if (lead >= 0xC2 && lead < 0xE0) {
    more = 1, value = lead & 0x1FU, smallest = 0x80;
  } else if (lead >= 0x80) {
    return std::nullopt;
  }
  if (rest.size() <= more) return std::nullopt;
  for (std::size_t i = 1; i <= more; ++i) {
    const auto octet = static_cast<std::uint8_t>(rest[i]);
    if ((octet & 0xC0U) != 0x80) return std::nullopt;
    value = (value << 6U) | (octet & 0x3FU);
  }
  if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return std::nullopt;
  rest.remove_prefix(more + 1);
  return value;
}

bool is_control(std::uint32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }
bool breaks_line(std::uint32_t point) { return point == '\n' || point == '\r' || point == '\t'; }

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<std::size_t> length_of_text(std::string_view text, Lines lines) {
  std::size_t length = 0;
  for (; !text.empty(); ++length) {
    const auto point = take_code_point(text);
    if (!point) return std::nullopt;
    if (is_control(*point) && !(lines == Lines::Many && breaks_line(*point))) return std::nullopt;
  }
  return length;
}

}  // namespace booking::core
