#include "common/admin_routes.hpp"

#include "common/json_text.hpp"
#include "common/reason_phrase.hpp"

#include <algorithm>

namespace common {
namespace {

constexpr std::string_view kAny = "{}";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._~"}.find(c) != std::string_view::npos;
}

std::string_view title_of(unsigned status) {
  const auto phrase = reason_phrase(status);
  return phrase.empty() ? std::string_view{"Error"} : phrase;
}

std::optional<std::vector<std::string>> matched(const AdminRoutes::Route& route,
                                                const std::vector<std::string>& asked) {
  if (route.segments.size() != asked.size()) return std::nullopt;
  std::vector<std::string> parameters;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (route.segments[i] == kAny && !asked[i].empty()) {
      auto text = percent_decoded(asked[i]);
      if (!text) return std::nullopt;
      parameters.push_back(std::move(*text));
    } else if (route.segments[i] != asked[i]) {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

AdminRoutes::Found AdminRoutes::find(std::string_view method, std::string_view path) const {
  const auto wanted = method == "HEAD" ? std::string_view{"GET"} : method;
  const auto asked = split(path);
  Found found;
  for (const auto& route : routes_) {
    auto parameters = matched(route, asked);
    if (!parameters) continue;
    if (route.method == wanted) return {&route, std::move(*parameters), {}};
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return found;
}

std::string AdminRoutes::pages() const {
  std::vector<std::string> paths;
  for (const auto& route : routes_) {
    std::string path;
    for (const auto& segment : route.segments) path += '/' + segment;
    if (route.method == "GET") paths.push_back(std::move(path));
  }
  std::sort(paths.begin(), paths.end());
  std::string text;
  for (const auto& path : paths) text += path + '\n';
  return text;
}

std::vector<std::string> AdminRoutes::split(std::string_view path) {
  std::vector<std::string> segments;
  if (!path.starts_with('/')) return segments;  // matches nothing: every pattern has one segment
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const auto next = path.find('/', at + 1);
    segments.emplace_back(path.substr(at + 1, next == path.npos ? next : next - at - 1));
    at = next;
  }
  return segments;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[octet >> 4U];
    out += kDigits[octet & 0xFU];
  }
  return out;
}

AdminAnswer admin_problem(unsigned status, std::string_view code, std::string_view detail) {
  std::string body = R"({"type":"about:blank","title":)";
  append_json_string(body, title_of(status));
  body += ",\"status\":" + std::to_string(status) + ",\"code\":";
  append_json_string(body, code);
  body += ",\"detail\":";
  append_json_string(body, detail);
  body += "}\n";
  return {.status = status, .content_type = "application/problem+json", .body = std::move(body)};
}

std::string query_value(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == key && equals != std::string_view::npos)
      return percent_decoded(pair.substr(equals + 1)).value_or("");
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  }
  return {};
}

}  // namespace common
