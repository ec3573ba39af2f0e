#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace lb::http {

/// Classes of octets, one table look-up each (RFC 9110 §5.6.2, RFC 3986 §2).
enum CharacterClass : std::uint8_t {
  kToken = 1,       // tchar: field names, methods
  kFieldValue = 2,  // VCHAR, SP, HTAB, obs-text: no other control octet, CR, LF or NUL
  kTarget = 4,      // what a request target may hold: visible US-ASCII but `#` and `\`
  kHost = 8,        // unreserved, sub-delims and `%` of a reg-name
  kHex = 16,
  kDigit = 32,
};

namespace detail {
constexpr std::array<std::uint8_t, 256> character_table() {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&table](std::string_view octets, std::uint8_t kind) {
    for (const char octet : octets) table[static_cast<unsigned char>(octet)] |= kind;
  };
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view kDigits = "0123456789";
  mark(kLetters, kToken | kHost);
  mark(kDigits, kToken | kHost | kHex | kDigit);
  mark("!#$%&'*+-.^_`|~", kToken);
  mark("-._~!$&'()*+,;=%", kHost);
  mark("abcdefABCDEF", kHex);
  for (unsigned octet = 0; octet < 256; ++octet) {
    if (octet == '\t' || (octet >= 0x20 && octet != 0x7F)) table[octet] |= kFieldValue;
    if (octet > 0x20 && octet < 0x7F && octet != '#' && octet != '\\') table[octet] |= kTarget;
  }
  return table;
}
inline constexpr auto kTable = character_table();
}  // namespace detail

constexpr bool is(char octet, CharacterClass kind) {
  return (detail::kTable[static_cast<unsigned char>(octet)] & kind) != 0;
}

constexpr bool all_are(std::string_view text, CharacterClass kind) {
  for (const char octet : text)
    if (!is(octet, kind)) return false;
  return true;
}

constexpr char to_lower(char octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet + ('a' - 'A')) : octet;
}

/// Equal when US-ASCII letters of either case are the same; `lower` is in lower case already.
constexpr bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (to_lower(text[i]) != lower[i]) return false;
  return true;
}

/// Without the blanks and tabs around it (OWS, RFC 9110 §5.6.3).
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Calls `visit` with every member of a comma-separated list that is not empty (RFC 9110 §5.6.1).
template <class Visit>
constexpr void for_each_member(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto member = trim(list.substr(0, comma));
    if (!member.empty()) visit(member);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace lb::http
