#include "app/core/text.hpp"

#include <algorithm>
#include <array>

namespace booking::core {

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

namespace {

bool is_control(std::uint32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }
bool breaks_line(std::uint32_t point) { return point == '\n' || point == '\r' || point == '\t'; }

struct Range {
  std::uint32_t first, last;
};

/// Unicode's White_Space and Default_Ignorable_Code_Point, and the empty Braille cell: the fillers
/// of Hangul (U+3164) are how a name is left empty on purpose.
constexpr std::array kUnseen{
    Range{0x09, 0x0D},     Range{0x20, 0x20},      Range{0x85, 0x85},     Range{0xA0, 0xA0},
    Range{0xAD, 0xAD},     Range{0x34F, 0x34F},    Range{0x61C, 0x61C},   Range{0x115F, 0x1160},
    Range{0x1680, 0x1680}, Range{0x17B4, 0x17B5},  Range{0x180B, 0x180F}, Range{0x2000, 0x200F},
    Range{0x2028, 0x202F}, Range{0x205F, 0x206F},  Range{0x2800, 0x2800}, Range{0x3000, 0x3000},
    Range{0x3164, 0x3164}, Range{0xFE00, 0xFE0F},  Range{0xFEFF, 0xFEFF}, Range{0xFFA0, 0xFFA0},
    Range{0xFFF0, 0xFFF8}, Range{0xE0000, 0xE0FFF}};

}  // namespace

bool is_unseen(std::uint32_t point) {
  return std::ranges::any_of(
      kUnseen, [point](const Range& range) { return point >= range.first && point <= range.last; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string without_turns(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (auto rest = text; !rest.empty();) {
    const auto here = rest;
    const auto point = take_code_point(rest);
    if (!point) return std::string{text};
    const bool turns =
        (*point >= 0x202A && *point <= 0x202E) || (*point >= 0x2066 && *point <= 0x2069);
    if (!turns) kept += here.substr(0, here.size() - rest.size());
  }
  return kept;
}

/// More of it is no slip, and counts like any other text: no bound is passed unseen.
constexpr std::size_t kMostUnseen = 40;

std::optional<std::size_t> length_of_text(std::string_view text, Lines lines) {
  std::size_t length = 0;
  bool seen = false;
  for (; !text.empty(); ++length) {
    const auto point = take_code_point(text);
    if (!point) return std::nullopt;
    if (is_control(*point) && !(lines == Lines::Many && breaks_line(*point))) return std::nullopt;
    seen = seen || !is_unseen(*point);
  }
  return seen || length > kMostUnseen ? length : 0;
}

}  // namespace booking::core
