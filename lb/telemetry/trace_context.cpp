#include "lb/telemetry/trace_context.hpp"

#include <algorithm>
#include <vector>

namespace lb::telemetry {
namespace {

constexpr std::size_t kVersionAt = 0;
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kLength = 55;
constexpr std::size_t kLargeMember = 128;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::uint8_t value_of(char digit) {
  return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/// Hexadecimal and not all 0.
bool is_id(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_hex) &&
         text.find_first_not_of('0') != std::string_view::npos;
}

bool is_key(std::string_view key) {
  const auto is_part = [](std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [](char c) {
             return is_lower_or_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
           });
  };
  const auto at = key.find('@');
  if (at == std::string_view::npos) return is_part(key, 256) && is_lower_or_digit(key.front());
  return is_part(key.substr(0, at), 241) && is_part(key.substr(at + 1), 14) &&
         is_lower_or_digit(key.front()) && is_lower_or_digit(key[at + 1]);
}

bool is_value(std::string_view value) {
  return !value.empty() && value.size() <= 256 && value.back() != ' ' &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7E && c != ',' && c != '='; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

using Members = std::vector<std::string_view>;

bool is_named(const Members& members, std::string_view key) {
  return std::any_of(members.begin(), members.end(), [key](std::string_view member) {
    return member.substr(0, member.find('=')) == key;
  });
}

/// Adds the members of one field; false when it is malformed as a whole. Empty ones may stand.
bool add_members(std::string_view value, Members& members) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    const auto member = trim(value.substr(0, comma));
    value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    if (member.empty()) continue;
    const auto equals = member.find('=');
    if (equals == std::string_view::npos || members.size() == kMostTracestateMembers) return false;
    const auto key = member.substr(0, equals);
    if (!is_key(key) || !is_value(member.substr(equals + 1)) || is_named(members, key))
      return false;
    members.push_back(member);
  }
  return true;
}

std::size_t length_of(const Members& members) {
  std::size_t length = members.empty() ? 0 : members.size() - 1;
  for (const auto member : members) length += member.size();
  return length;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view value) {
  if (value.size() < kLength) return std::nullopt;
  const auto version = value.substr(kVersionAt, 2);
  if (!is_hex(version[0]) || !is_hex(version[1]) || version == "ff") return std::nullopt;
  // A later version may say more behind another dash; what is known of it stays where it is.
  if (value.size() > kLength && (version == "00" || value[kLength] != '-')) return std::nullopt;
  if (value[2] != '-' || value[kParentAt - 1] != '-' || value[kFlagsAt - 1] != '-')
    return std::nullopt;
  TraceContext context;
  const auto trace = value.substr(kTraceAt, context.trace_id.size());
  const auto parent = value.substr(kParentAt, context.parent_id.size());
  const auto flags = value.substr(kFlagsAt, 2);
  if (!is_id(trace) || !is_id(parent) || !is_hex(flags[0]) || !is_hex(flags[1]))
    return std::nullopt;
  trace.copy(context.trace_id.data(), trace.size());
  parent.copy(context.parent_id.data(), parent.size());
  context.flags = value_of(flags[1]) & std::uint8_t{TraceContext::kSampled | TraceContext::kRandom};
  return context;
}

TraceparentText format_traceparent(const TraceContext& context) {
  TraceparentText text;
  text.fill('-');
  text[kVersionAt] = text[kVersionAt + 1] = '0';
  std::copy(context.trace_id.begin(), context.trace_id.end(), text.begin() + kTraceAt);
  std::copy(context.parent_id.begin(), context.parent_id.end(), text.begin() + kParentAt);
  text[kFlagsAt] = '0';
  text[kFlagsAt + 1] = static_cast<char>('0' + (context.flags & 3U));
  return text;
}

std::string_view join_tracestate(std::span<const std::string_view> values, std::string& memory) {
  Members members;
  for (const auto value : values)
    if (!add_members(value, members)) return {};
  if (values.size() == 1 && values.front().size() <= kLongestTracestate) return values.front();
  for (auto at = members.size(); at-- > 0 && length_of(members) > kLongestTracestate;)
    if (members[at].size() > kLargeMember)
      members.erase(members.begin() + static_cast<std::ptrdiff_t>(at));
  while (length_of(members) > kLongestTracestate) members.pop_back();
  memory.clear();
  for (const auto member : members) {
    if (!memory.empty()) memory += ',';
    memory += member;
  }
  return memory;
}

void write_hex(std::uint64_t bits, std::span<char> digits) {
  for (auto& digit : digits) {
    digit = "0123456789abcdef"[bits & 0xFU];
    bits >>= 4U;
  }
}

}  // namespace lb::telemetry
