#include "common/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace common {
namespace {

/// Length of the well-formed UTF-8 sequence at the front (RFC 3629 §4), 0 if there is none.
std::size_t utf8_sequence(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto lead = octet(0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;   // overlong
    if (lead == 0xED) high = 0x9F;  // surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;   // overlong
    if (lead == 0xF4) high = 0x8F;  // past U+10FFFF
  }
  if (length == 0 || text.size() < length || octet(1) < low || octet(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((octet(i) & 0xC0U) != 0x80) return 0;
  return length;
}

void append_ascii(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto octet = static_cast<std::uint8_t>(c);
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (octet >= 0x20 && octet != 0x7F) {
    out += c;
    return;
  }
  out += "\\u00";
  out += kHex[octet >> 4U];
  out += kHex[octet & 0xFU];
}

/// Stands for itself in a JSON string.
bool is_plain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

}  // namespace

void append_json_string(std::string& out, std::string_view text, std::size_t limit) {
  text = text.substr(0, limit);
  out += '"';
  while (true) {
    // Nearly all octets are plain: a run of them is taken at once.
    const auto* const special = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto run = static_cast<std::size_t>(special - text.begin());
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    const auto length = utf8_sequence(text);
    if (length == 1)
      append_ascii(out, text.front());
    else if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

std::string valid_utf8(std::string_view text, std::size_t limit) {
  std::string out;
  text = text.substr(0, limit);
  while (!text.empty()) {
    const auto length = utf8_sequence(text);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace common
