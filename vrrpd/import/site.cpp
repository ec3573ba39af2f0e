#include "vrrpd/import/site.hpp"

#include "common/units.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace vrrp::import {
namespace {

/// What only a shell understands.
constexpr std::string_view kOfShell = "|&;<>()$`*?[]~\\\n";

}  // namespace

std::optional<int> number_of(const std::string& text, int least, int most) {
  int value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last || value < least || value > most) return std::nullopt;
  return value;
}

std::optional<std::string> time_of(const std::string& seconds, int least_ms, int most_ms,
                                   int step_ms) {
  double value = 0;
  const auto* const last = seconds.data() + seconds.size();
  const auto [end, error] = std::from_chars(seconds.data(), last, value);
  if (error != std::errc{} || end != last || !(value >= 0) || value > 1'000'000)
    return std::nullopt;
  const auto ms = std::llround(value * 1000 / step_ms) * step_ms;
  if (ms < least_ms || ms > most_ms) return std::nullopt;
  return common::format_duration(std::chrono::milliseconds{ms});
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = '\0';
  for (const char c : line) {
    if (quote != '\0') {
      if (c == quote)
        quote = '\0';
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t') {
      if (open || !word.empty()) words.push_back(std::exchange(word, {}));
      open = false;
    } else {
      word += c;
    }
  }
  if (open || !word.empty()) words.push_back(std::move(word));
  return words;
}

std::optional<std::string> command_of(const std::vector<std::string>& words, std::string& why) {
  if (words.empty()) return why = "no program is named", std::nullopt;
  const bool whole = words.size() == 1;
  auto command = whole ? split(words.front()) : words;
  if (whole && words.front().find_first_of(kOfShell) != std::string::npos)
    command = {"/bin/sh", "-c", words.front()};
  std::size_t octets = 0;
  for (const auto& word : command) octets += word.size() + 1;
  if (command.empty() || !command.front().starts_with('/'))
    return why = "vrrpd runs programs by their absolute path alone", std::nullopt;
  if (octets > kLongestCommand || command.size() > kMostWords)
    return why = "the command is too long", std::nullopt;
  for (auto& word : command) word = quoted(word);
  return list_of(command);
}

bool is_interface(std::string_view text) {
  return !text.empty() && text.size() <= kLongestInterfaceName &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c != '/' && c != '\x7F'; });
}

std::string list_of(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return '[' + out + ']';
}

}  // namespace vrrp::import
