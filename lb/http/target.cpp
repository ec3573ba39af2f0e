#include "lb/http/target.hpp"

#include "common/address.hpp"
#include "lb/http/hexadecimal.hpp"

#include <algorithm>

namespace lb::http {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::string_view kSecureScheme = "https://";
// Literals: they outlive every request.
constexpr std::string_view kRoot = "/";
constexpr std::string_view kAsterisk = "*";
constexpr std::size_t kLongestHost = 255;

bool has_scheme(std::string_view text, std::string_view scheme) {
  return equals_lower(text.substr(0, scheme.size()), scheme);
}

/// Every escape is whole and none is NUL.
bool has_sound_escapes(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || !is(text[at + 1], kHex) || !is(text[at + 2], kHex)) return false;
    if (text[at + 1] == '0' && text[at + 2] == '0') return false;
  }
  return true;
}

/// `.` or `..`, also when a dot is written `%2e`, also before a parameter (`..;x`), which some
/// servers cut off before they resolve the path.
bool is_dot_segment(std::string_view segment) {
  int dots = 0;
  while (!segment.empty() && segment.front() != ';') {
    std::size_t width = 1;
    char octet = segment.front();
    if (octet == '%' && segment.size() > 2) {
      octet = escaped_octet(segment[1], segment[2]);
      width = 3;
    }
    if (octet != '.' || ++dots > 2) return false;
    segment.remove_prefix(width);
  }
  return dots > 0;
}

/// The next segment ends at `/`, at an encoded `/` or at an encoded backslash: an endpoint may
/// decode before it splits.
std::size_t end_of_segment(std::string_view rest) {
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest[at] == '/') return at;
    if (rest[at] == '%' && at + 2 < rest.size()) {
      const char octet = escaped_octet(rest[at + 1], rest[at + 2]);
      if (octet == '/' || octet == '\\') return at;
    }
  }
  return rest.size();
}

bool has_dot_segment(std::string_view path) {
  if (path.find('.') == std::string_view::npos && path.find('%') == std::string_view::npos)
    return false;
  while (!path.empty()) {
    const auto end = end_of_segment(path);
    if (is_dot_segment(path.substr(0, end))) return true;
    if (end == path.size()) return false;
    path.remove_prefix(end + (path[end] == '/' ? 1 : 3));
  }
  return false;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text, bool asterisk_allowed) {
  if (text.empty() || !all_are(text, kTarget)) return std::nullopt;
  if (text == kAsterisk) {
    if (!asterisk_allowed) return std::nullopt;
    return Target{text, {}};
  }
  Target target;
  if (text.front() != '/') {
    target.secure = has_scheme(text, kSecureScheme);
    if (!target.secure && !has_scheme(text, kScheme)) return std::nullopt;
    text.remove_prefix(target.secure ? kSecureScheme.size() : kScheme.size());
    const auto end = text.find_first_of("/?");
    target.authority = text.substr(0, end);
    if (!is_authority(*target.authority)) return std::nullopt;
    text.remove_prefix(std::min(end, text.size()));
    if (text.empty() && asterisk_allowed) {
      target.path = kAsterisk;
      return target;
    }
  }
  if (!has_sound_escapes(text)) return std::nullopt;
  const auto end = std::min(text.find('?'), text.size());
  target.path = end > 0 ? text.substr(0, end) : kRoot;
  target.query = text.substr(end);
  if (has_dot_segment(target.path)) return std::nullopt;
  return target;
}

bool is_authority(std::string_view text) {
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return false;
    const auto address = common::IpAddress::parse(text.substr(1, close - 1));
    if (!address || !address->is_v6()) return false;
    port = text.substr(close + 1);
  } else {
    const auto colon = text.find(':');
    const auto host = text.substr(0, colon);
    if (host.empty() || host.size() > kLongestHost) return false;
    if (!all_are(host, kHost) || !has_sound_escapes(host)) return false;
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (port.empty()) return true;
  if (port.front() != ':' || port.size() > 6) return false;
  port.remove_prefix(1);
  unsigned number = 0;
  for (const char digit : port) {
    if (!is(digit, kDigit)) return false;
    number = number * 10 + static_cast<unsigned>(digit - '0');
  }
  return number <= 65535;  // `host:` alone is allowed: port = *DIGIT
}

std::string_view host_of(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[')
    return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

}  // namespace lb::http
