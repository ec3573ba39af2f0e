#include "lb/import/site.hpp"

#include "common/units.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace lb::import {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLongestTime = std::chrono::hours{24};

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kPlaces{
    {{"$remote_addr", "${client}"},
     {"$http_host", "${host}"},
     {"$host", "${host}"},
     {"$server_name", "${host}"},
     {"$request_method", "${method}"},
     {"$uri", "${path}"},
     {"$document_uri", "${path}"},
     {"$scheme", "${scheme}"},
     {"$request_id", "${request_id}"},
     {"$request_uri", "${path}${query}"}}};

// In nginx it comes without its `?`, which ${query} has.
bool is_query(std::string_view name) { return name == "$args" || name == "$query_string"; }

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::vector<const Directive*> Scope::all(std::initializer_list<std::string_view> names) const {
  std::vector<const Directive*> found;
  for (const auto& directive : *block)
    for (const auto name : names)
      if (directive.name == name) found.push_back(&directive);
  if (found.empty() && around != nullptr) return around->all(names);
  return found;
}

const Directive* Scope::last(std::string_view name) const {
  const auto found = all({name});
  return found.empty() ? nullptr : found.back();
}

std::optional<std::string> client_key(const std::string& variable) {
  if (variable == "$binary_remote_addr" || variable == "$remote_addr") return "address";
  for (const auto& [prefix, kind] :
       {std::pair<std::string_view, std::string>{"$http_", "field"}, {"$cookie_", "cookie"}}) {
    if (!variable.starts_with(prefix) || variable.size() == prefix.size()) continue;
    auto name = variable.substr(prefix.size());
    for (char& c : name) {
      if (!is_name(c)) return std::nullopt;
      if (c == '_' && kind == "field") c = '-';
    }
    if (!is_token(name)) return std::nullopt;
    return "{" + kind + ": " + quoted(name) + "}";
  }
  return std::nullopt;
}

std::optional<std::string> with_places(const std::string& text) {
  std::string out;
  bool asks = false;  // just behind $is_args
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      if (asks) return std::nullopt;
      out += text[i++];
      continue;
    }
    const bool braced = i + 1 < text.size() && text[i + 1] == '{';
    std::size_t end = i + (braced ? 2 : 1);
    while (end < text.size() && is_name(text[end])) ++end;
    const auto name = '$' + text.substr(i + (braced ? 2 : 1), end - i - (braced ? 2 : 1));
    const auto* const found = std::find_if(
        kPlaces.begin(), kPlaces.end(), [&name](const auto& place) { return place.first == name; });
    if (braced && (end == text.size() || text[end] != '}')) return std::nullopt;
    i = end + (braced ? 1 : 0);
    if (is_query(name) && (asks || out.ends_with('?'))) {
      if (!std::exchange(asks, false)) out.pop_back();
      out += "${query}";
    } else if (name == "$is_args" && !asks) {
      asks = true;
    } else if (found != kPlaces.end() && !asks) {
      out += found->second;
    } else {
      return std::nullopt;
    }
  }
  if (asks) return std::nullopt;
  return out;
}

std::optional<std::string> time_text(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, milliseconds>, 5> kUnits{
      {{"ms", milliseconds{1}},
       {"s", std::chrono::seconds{1}},
       {"m", std::chrono::minutes{1}},
       {"h", std::chrono::hours{1}},
       {"d", std::chrono::hours{24}}}};
  milliseconds sum{0};
  std::string_view rest = text;
  while (!rest.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (error != std::errc{} || count < 0 || count > 100'000'000) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    milliseconds unit = std::chrono::seconds{1};
    std::size_t length = 0;
    for (const auto& [name, size] : kUnits)
      if (rest.starts_with(name) && name.size() > length) unit = size, length = name.size();
    if (length == 0 && !rest.empty()) return std::nullopt;
    rest.remove_prefix(length);
    sum += unit * count;
    if (sum > kLongestTime * 365) return std::nullopt;
  }
  if (sum <= milliseconds{0}) return std::nullopt;
  return common::format_duration(std::min(sum, kLongestTime));
}

std::optional<std::uint64_t> octets_of(const std::string& text) {
  std::uint64_t count = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, count);
  if (error != std::errc{} || count > (std::uint64_t{1} << 40U)) return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(last - end)};
  if (unit.empty()) return count;
  if (unit == "k" || unit == "K") return count << 10U;
  if (unit == "m" || unit == "M") return count << 20U;
  if (unit == "g" || unit == "G") return count <= (1U << 20U) ? count << 30U : 0;
  return std::nullopt;
}

bool is_host_name(std::string_view text) {
  constexpr std::size_t kLongest = 253;
  constexpr std::size_t kLongestLabel = 63;
  if (text.empty() || text.size() > kLongest) return false;
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.' && label == 0) return false;
    label = c == '.' ? 0 : label + 1;
    if ((c != '.' && c != '-' && !is_name(c)) || label > kLongestLabel) return false;
  }
  return label > 0 && http::is_authority(text) && http::host_of(text) == text;
}

bool is_path(std::string_view text) {
  return text.starts_with('/') && text.size() <= kLongestValue && text.find('?') == text.npos &&
         http::parse_target(text, false).has_value();
}

bool is_value(std::string_view text) {
  return text.size() <= kLongestValue && http::all_are(text, http::kFieldValue);
}

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_name(c) || c == '-'; });
}

}  // namespace lb::import
