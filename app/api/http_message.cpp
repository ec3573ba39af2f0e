#include "app/api/http_message.hpp"

#include <algorithm>

namespace booking::api {
namespace {

constexpr std::size_t kLongestRequestId = 128;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The value of `name` in `name=value` pairs with `separator` between them.
std::string_view value_among(std::string_view pairs, char separator, std::string_view name) {
  while (!pairs.empty()) {
    const auto end = pairs.find(separator);
    const auto pair = trimmed(pairs.substr(0, end));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return pair.substr(equals + 1);
    pairs.remove_prefix(end == std::string_view::npos ? pairs.size() : end + 1);
  }
  return {};
}

Response typed(unsigned status, std::string_view type, std::string body) {
  Response response{status, {}, std::move(body)};
  response.set("Content-Type", type);
  return response;
}

}  // namespace

bool iequals(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRequestId && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string_view Request::field(std::string_view name) const {
  const auto found =
      std::ranges::find_if(fields, [&](const auto& field) { return iequals(field.first, name); });
  return found == fields.end() ? std::string_view{} : std::string_view{found->second};
}

std::size_t Request::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields, [&](const auto& field) { return iequals(field.first, name); }));
}

std::string Request::media_type() const {
  const auto value = field("Content-Type");
  std::string type{trimmed(value.substr(0, value.find(';')))};
  std::ranges::transform(type, type.begin(), lower);
  return type;
}

std::string_view Request::cookie(std::string_view name) const {
  return value_among(field("Cookie"), ';', name);
}

std::string_view Request::query_value(std::string_view name) const {
  return value_among(query, '&', name);
}

Response json_response(unsigned status, std::string body) {
  return typed(status, "application/json", std::move(body));
}

Response html_response(unsigned status, std::string page) {
  auto response = typed(status, "text/html; charset=utf-8", std::move(page));
  // Script and style only from files of our own, nothing inline.
  response.set("Content-Security-Policy",
               "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
               "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  return response;
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  while (!accept_encoding.empty()) {
    const auto comma = accept_encoding.find(',');
    const auto entry = accept_encoding.substr(0, comma);
    const auto semicolon = entry.find(';');
    if (iequals(trimmed(entry.substr(0, semicolon)), coding)) {
      const auto weight = semicolon == std::string_view::npos
                              ? std::string_view{"q=1"}
                              : trimmed(entry.substr(semicolon + 1));
      return weight.find_first_of("123456789") != std::string_view::npos;
    }
    accept_encoding.remove_prefix(comma == std::string_view::npos ? accept_encoding.size()
                                                                  : comma + 1);
  }
  return false;
}

Response redirect_after_post(std::string_view location) {
  Response response{303, {}, {}};
  response.set("Location", location);
  return response;
}

}  // namespace booking::api
