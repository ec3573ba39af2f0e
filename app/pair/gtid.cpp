#include "app/pair/gtid.hpp"

#include <charconv>
#include <fmt/core.h>

namespace booking::pair {
namespace {

template <class Int>
bool read_number(std::string_view& text, Int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool read_hyphen(std::string_view& text) {
  if (!text.starts_with('-')) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank{" \t\r\n"};
  const auto first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Every GTID of a list; nothing when one of them is none.
std::optional<std::vector<Gtid>> read_list(std::string_view text) {
  std::vector<Gtid> out;
  if (trimmed(text).empty()) return out;
  while (true) {
    const auto comma = text.find(',');
    const auto gtid = Gtid::parse(trimmed(text.substr(0, comma)));
    if (!gtid) return std::nullopt;
    out.push_back(*gtid);
    if (comma == text.npos) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::optional<Gtid> Gtid::parse(std::string_view text) {
  Gtid out;
  const bool whole = read_number(text, out.domain) && read_hyphen(text) &&
                     read_number(text, out.server) && read_hyphen(text) &&
                     read_number(text, out.sequence) && text.empty();
  return whole ? std::optional{out} : std::nullopt;
}

std::string Gtid::to_string() const { return fmt::format("{}-{}-{}", domain, server, sequence); }

std::optional<GtidPosition> GtidPosition::parse(std::string_view text) {
  const auto list = read_list(text);
  if (!list) return std::nullopt;
  GtidPosition out;
  for (const auto& gtid : *list) {
    auto& slot = out.last_.try_emplace(gtid.domain, gtid).first->second;
    if (gtid.sequence > slot.sequence) slot = gtid;
  }
  return out;
}

GtidPosition GtidPosition::at(const Gtid& gtid) {
  GtidPosition out;
  out.last_[gtid.domain] = gtid;
  return out;
}

bool GtidPosition::covers(const GtidPosition& other) const { return missing(other) == 0; }

GtidPosition GtidPosition::joined(const GtidPosition& other) const {
  auto out = *this;
  for (const auto& [domain, gtid] : other.last_) {
    auto& slot = out.last_.try_emplace(domain, gtid).first->second;
    if (gtid.sequence > slot.sequence) slot = gtid;
  }
  return out;
}

std::uint64_t GtidPosition::missing(const GtidPosition& other) const {
  std::uint64_t count = 0;
  for (const auto& [domain, gtid] : other.last_) {
    const auto mine = last_.find(domain);
    const auto have = mine == last_.end() ? 0 : mine->second.sequence;
    if (gtid.sequence > have) count += gtid.sequence - have;
  }
  return count;
}

std::string GtidPosition::to_string() const {
  std::string out;
  for (const auto& [domain, gtid] : last_) out += (out.empty() ? "" : ",") + gtid.to_string();
  return out;
}

std::string Errant::to_string() const {
  const Gtid first{through.domain, through.server, after + 1};
  return after + 1 == through.sequence ? through.to_string()
                                       : first.to_string() + " to " + through.to_string();
}

std::optional<GtidState> GtidState::parse(std::string_view text) {
  const auto list = read_list(text);
  if (!list) return std::nullopt;
  GtidState out;
  for (const auto& gtid : *list) out.newest_[{gtid.domain, gtid.server}] = gtid.sequence;
  return out;
}

std::string GtidState::to_string() const {
  std::string out;
  for (const auto& [origin, sequence] : newest_)
    out += (out.empty() ? "" : ",") + Gtid{origin.first, origin.second, sequence}.to_string();
  return out;
}

std::vector<Errant> GtidState::errant(const GtidState& other) const {
  std::vector<Errant> out;
  for (const auto& [origin, sequence] : newest_) {
    const auto there = other.newest_.find(origin);
    const auto known = there == other.newest_.end() ? 0 : there->second;
    if (sequence > known) out.push_back({{origin.first, origin.second, sequence}, known});
  }
  return out;
}

}  // namespace booking::pair
