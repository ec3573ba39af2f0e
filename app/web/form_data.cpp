#include "app/web/form_data.hpp"

#include <algorithm>
#include <cstdint>

namespace booking::web {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Octets after the lead of a well-formed sequence and the bounds of the first of them (RFC 3629
/// §4); nothing when no sequence begins with `lead`.
struct Continuation {
  std::size_t count;
  std::uint8_t least;
  std::uint8_t most;
};
std::optional<Continuation> continuation_of(std::uint8_t lead) {
  if (lead < 0x80) return Continuation{0, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return Continuation{1, 0x80, 0xBF};
  if (lead == 0xE0) return Continuation{2, 0xA0, 0xBF};
  if (lead == 0xED) return Continuation{2, 0x80, 0x9F};  // no surrogates
  if (lead >= 0xE1 && lead <= 0xEF) return Continuation{2, 0x80, 0xBF};
  if (lead == 0xF0) return Continuation{3, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return Continuation{3, 0x80, 0xBF};
  if (lead == 0xF4) return Continuation{3, 0x80, 0x8F};
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto rest = continuation_of(static_cast<std::uint8_t>(text[i++]));
    if (!rest || text.size() - i < rest->count) return false;
    for (std::size_t n = 0; n < rest->count; ++n) {
      const auto octet = static_cast<std::uint8_t>(text[i++]);
      const auto least = n == 0 ? rest->least : std::uint8_t{0x80};
      const auto most = n == 0 ? rest->most : std::uint8_t{0xBF};
      if (octet < least || octet > most) return false;
    }
  }
  return true;
}

std::optional<std::string> decode_part(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

bool is_text(std::string_view text) {
  return text.find('\0') == std::string_view::npos && is_utf8(text);
}

/// Browsers send the line ends of a text area as CR LF (URL Standard, HTML §4.10.21.4).
void tidy(std::string& text) {
  std::erase(text, '\r');
  constexpr std::string_view kBlank = " \t\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string::npos) {
    text.clear();
    return;
  }
  text.erase(text.find_last_not_of(kBlank) + 1);
  text.erase(0, first);
}

}  // namespace

std::optional<FormData> FormData::decode(std::string_view text) {
  FormData form;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = decode_part(pair.substr(0, equals));
    const auto value = decode_part(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!name || !value || !form.add(*name, *value)) return std::nullopt;
  }
  return form;
}

bool FormData::add(std::string_view name, std::string_view value) {
  if (size() == kMostPairs || has(name) || !is_text(name) || !is_text(value)) return false;
  std::string text{value};
  tidy(text);
  pairs_.emplace_back(name, std::move(text));
  return true;
}

std::string_view FormData::value(std::string_view name) const {
  const auto found = std::ranges::find(pairs_, name, &std::pair<std::string, std::string>::first);
  return found == pairs_.end() ? std::string_view{} : std::string_view{found->second};
}

bool FormData::has(std::string_view name) const {
  return std::ranges::find(pairs_, name, &std::pair<std::string, std::string>::first) !=
         pairs_.end();
}

}  // namespace booking::web
