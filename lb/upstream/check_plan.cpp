#include "lb/upstream/check_plan.hpp"

#include "lb/http/characters.hpp"

#include <algorithm>
#include <utility>

namespace lb::upstream {
namespace {

using health::ProbeResult;

/// Of a pattern, in octets: compiled forms, which RE2 may throw away and make again.
constexpr std::int64_t kMostPatternMemory = 1 << 20;

RE2::Options pattern_options() {
  RE2::Options options{RE2::Quiet};
  options.set_max_mem(kMostPatternMemory);
  options.set_dot_nl(true);
  return options;
}

}  // namespace

std::string fault_of_pattern(const std::string& pattern) {
  return RE2{pattern, pattern_options()}.error();
}

CheckPlan::Matcher::Matcher(const Expectation& expectation) : contains{expectation.contains} {
  if (!expectation.matches.empty())
    matches = std::make_unique<RE2>(expectation.matches, pattern_options());
}

bool CheckPlan::Matcher::fits(std::string_view text) const {
  if (text.find(contains) == std::string_view::npos) return false;
  return !matches || RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, *matches);
}

std::string CheckPlan::Matcher::wanted() const {
  return matches ? "a match of " + matches->pattern() : '"' + contains + '"';
}

CheckPlan::CheckPlan(CheckOptions options)
    : options_{std::move(options)}, field_{options_.field}, body_{options_.body} {}

std::string CheckPlan::request(const std::string& address) const {
  return proxy_protocol::local_header(options_.header) + options_.method + ' ' + options_.path +
         " HTTP/1.1\r\nHost: " + (options_.host.empty() ? address : options_.host) +
         "\r\nUser-Agent: lbd-check\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

std::string CheckPlan::wanted_statuses() const {
  std::string text;
  for (const auto& range : options_.statuses) {
    if (!text.empty()) text += ", ";
    text += std::to_string(range.least);
    if (range.most != range.least) text += '-' + std::to_string(range.most);
  }
  return text;
}

CheckReport CheckPlan::judge(const http::ResponseHead& head) const {
  const bool status_fits = std::any_of(
      options_.statuses.begin(), options_.statuses.end(),
      [&](const auto& range) { return head.status >= range.least && head.status <= range.most; });
  if (!status_fits)
    return {ProbeResult::WrongStatus,
            "status " + std::to_string(head.status) + ", expected " + wanted_statuses()};
  if (options_.field_name.empty()) return {ProbeResult::Passed, {}};
  bool found = false;
  for (const auto& field : head.fields) {
    if (!http::equals_lower(field.name, options_.field_name)) continue;
    found = true;
    if (field_.fits(field.value)) return {ProbeResult::Passed, {}};
  }
  if (!found) return {ProbeResult::WrongContent, "no field " + options_.field_name};
  return {ProbeResult::WrongContent, "field " + options_.field_name + " is not " + field_.wanted()};
}

CheckReport CheckPlan::judge_content(std::string_view content, bool cut) const {
  if (body_.fits(content)) return {ProbeResult::Passed, {}};
  return {ProbeResult::WrongContent,
          "the content" + (cut ? ", as far as its first 64 KiB go," : std::string{}) + " lacks " +
              body_.wanted()};
}

}  // namespace lb::upstream
