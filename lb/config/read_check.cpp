#include "lb/config/readers.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"
#include "lb/upstream/check_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using upstream::CheckOptions;
using upstream::CheckType;

constexpr common::DurationRange kCheckTime{milliseconds{10}, hours{1}};
constexpr unsigned kLeastStatus = 200;  // interim answers are not the answer
constexpr unsigned kMostStatus = 599;
constexpr std::size_t kMostStatusRanges = 16;
constexpr std::size_t kLongestExpectation = 1024;

bool is_path(std::string_view text) {
  return text.starts_with('/') && http::parse_target(text, false).has_value();
}

bool is_field_name(std::string_view text) {
  return !text.empty() && http::all_are(text, http::kToken);
}

/// `200-299` or `204`.
std::optional<upstream::StatusRange> parse_statuses(std::string_view text) {
  upstream::StatusRange range;
  const auto* const end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, range.least);
  if (read.ec != std::errc{}) return std::nullopt;
  range.most = range.least;
  if (read.ptr != end && *read.ptr == '-') read = std::from_chars(read.ptr + 1, end, range.most);
  if (read.ec != std::errc{} || read.ptr != end || range.least < kLeastStatus ||
      range.most > kMostStatus || range.least > range.most)
    return std::nullopt;
  return range;
}

void read_statuses(const common::ConfigNode& node, CheckOptions& check) {
  if (node.has("least_status") || node.has("most_status")) {
    auto& range = check.statuses.front();
    node.read("least_status", range.least, {kLeastStatus, kMostStatus});
    node.read("most_status", range.most, {kLeastStatus, kMostStatus});
    if (range.least > range.most)
      node.fault("most_status", "it is below least_status", "at least least_status");
    if (node.has("statuses"))
      node.fault("statuses", "the range is given by least_status and most_status, too", "only one");
    return;
  }
  if (!node.has("statuses")) return;
  check.statuses.clear();
  for (const auto& item : node.items("statuses", 1, kMostStatusRanges)) {
    const auto range = item.text() ? parse_statuses(*item.text()) : std::nullopt;
    if (range)
      check.statuses.push_back(*range);
    else
      item.fault("", '"' + item.text().value_or("") + "\" is no range of statuses",
                 "such as 200-299 or 204, from 200 to 599");
  }
}

void read_expectation(const common::ConfigNode& node, upstream::Expectation& out) {
  node.read("contains", out.contains);
  node.read("matches", out.matches);
  for (const auto* text : {&out.contains, &out.matches})
    if (text->size() > kLongestExpectation) node.fault("", "it is too long", "at most 1024 octets");
  const auto fault = upstream::fault_of_pattern(out.matches);
  if (!fault.empty())
    node.fault("matches", '"' + out.matches + "\" is no pattern: " + fault,
               "a regular expression as RE2 has it");
}

void read_body(const common::ConfigNode& node, upstream::Expectation& out) {
  if (!node.has("expect_body")) return;
  const auto body = node.section("expect_body");
  if (const auto text = body.text())
    out.contains = *text;
  else
    read_expectation(body, out);
  if (out.empty())
    node.fault("expect_body", "it expects nothing", "a text, or {contains: …} or {matches: …}");
}

/// `X-App` asks for its presence, `X-App: bookd` for a value that contains `bookd`.
void read_field(const common::ConfigNode& node, CheckOptions& check) {
  if (!node.has("expect_field")) return;
  const auto field = node.section("expect_field");
  auto& name = check.field_name;
  if (const auto text = field.text()) {
    const auto colon = text->find(':');
    name = text->substr(0, colon);
    if (colon != std::string::npos) {
      const auto begin = text->find_first_not_of(" \t", colon + 1);
      if (begin != std::string::npos) check.field.contains = text->substr(begin);
    }
  } else {
    field.require("name", name);
    read_expectation(field, check.field);
  }
  if (!is_field_name(name))
    node.fault("expect_field", '"' + name + "\" is no field name",
               "a field such as X-App, with a value if need be");
  std::transform(name.begin(), name.end(), name.begin(), http::to_lower);
}

void read_http(const common::ConfigNode& node, CheckOptions& check) {
  node.read("path", check.path);
  if (!is_path(check.path))
    node.fault("path", '"' + check.path + "\" is no path", "a path such as /readyz");
  node.read("host", check.host);
  if (!check.host.empty() && !http::is_authority(check.host))
    node.fault("host", '"' + check.host + "\" is no host name",
               "a host name, with a port if need be");
  node.read_as("method", check.method, [](std::string_view text) -> common::Parsed<std::string> {
    for (const char* known : {"GET", "HEAD", "OPTIONS"})
      if (text == known) return {std::string{text}, {}};
    return {{}, "GET, HEAD or OPTIONS"};
  });
  read_statuses(node, check);
  read_body(node, check.body);
  if (!check.body.empty() && check.method == "HEAD")
    node.fault("expect_body", "the answer to HEAD has no content", "method: GET");
  read_field(node, check);
}

}  // namespace

void read_check(const common::ConfigNode& check, upstream::CheckOptions& options) {
  check.read("enabled", options.enabled);
  check.read_choice("type", options.type, {{"http", CheckType::Http}, {"tcp", CheckType::Tcp}});
  if (options.type == CheckType::Http) {
    read_http(check, options);
  } else {
    for (const char* key : {"path", "host", "method", "statuses", "least_status", "most_status",
                            "expect_body", "expect_field"})
      if (check.has(key)) check.fault(key, "a TCP check asks nothing", "type: http");
  }
  check.read("port", options.port, {1, 65535});
  check.read("interval", options.interval, kCheckTime);
  check.read("fast_interval", options.fast_interval, kCheckTime);
  if (options.fast_interval > options.interval)
    check.fault("fast_interval", "it is longer than interval", "at most interval");
  check.read("timeout", options.timeout, kCheckTime);
  check.read("rise", options.hysteresis.rise, {1, 100});
  check.read("fall", options.hysteresis.fall, {1, 100});
}

}  // namespace lb::config
