#include "lb/discovery/endpoint_list.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace lb::discovery {
namespace {

constexpr std::size_t kMostEndpoints = 1024;
constexpr std::size_t kLongestName = 64;
constexpr std::uint32_t kMostWeight = 10'000;
constexpr std::uint32_t kMostTier = 99;
constexpr std::uint32_t kBackup = 1000;  // upstream::kBackupTier
constexpr std::uint32_t kMostConnections = 1'000'000;

std::string_view next_word(std::string_view& line) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto begin = std::min(line.find_first_not_of(kBlanks), line.size());
  line.remove_prefix(begin);
  const auto word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

bool read_number(std::string_view text, std::uint32_t most, std::optional<std::uint32_t>& out) {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value > most) return false;
  out = value;
  return true;
}

bool read_setting(std::string_view word, Found& found) {
  const auto equals = word.find('=');
  const auto key = word.substr(0, equals);
  if (word == "backup") return found.tier = kBackup, true;
  if (equals == std::string_view::npos) return false;
  const auto value = word.substr(equals + 1);
  if (key == "weight") return read_number(value, kMostWeight, found.weight);
  if (key == "tier") return read_number(value, kMostTier, found.tier);
  if (key == "max_connections") return read_number(value, kMostConnections, found.most_connections);
  if (key != "name" || !is_endpoint_name(value)) return false;
  found.name = value;
  return true;
}

std::string quoted(std::string_view word) {
  constexpr std::size_t kShown = 80;
  return '"' + std::string{word.substr(0, kShown)} + '"';
}

}  // namespace

bool is_endpoint_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view{"-._:[]"}.find(c) != std::string_view::npos;
         });
}

common::Result<std::vector<Found>, ListFault> parse_endpoints(std::string_view text) {
  std::vector<Found> all;
  std::set<std::string> names;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find('#'));
    const auto first = next_word(line);
    if (first.empty()) continue;
    const auto address = common::SocketAddress::parse(first);
    if (!address || address->port == 0)
      return ListFault{number, quoted(first) + " is no address:port such as 10.0.0.21:8080"};
    Found found{*address, {}, {}, {}, {}};
    for (auto word = next_word(line); !word.empty(); word = next_word(line))
      if (!read_setting(word, found))
        return ListFault{number, quoted(word) +
                                     " is none of weight=0…10000, tier=0…99, backup, "
                                     "max_connections=0…1000000, name=…"};
    if (!names.insert(found.name.empty() ? address->to_string() : found.name).second)
      return ListFault{number, quoted(first) + " is named twice"};
    if (all.size() == kMostEndpoints)
      return ListFault{number, "there are more than 1024 endpoints"};
    all.push_back(std::move(found));
  }
  if (all.empty()) return ListFault{0, "it names no endpoint"};
  return all;
}

}  // namespace lb::discovery
