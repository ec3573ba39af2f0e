#include "lb/filters/address_rules.hpp"

#include <algorithm>
#include <optional>

namespace lb::filters {
namespace {

using Octets = std::array<std::uint8_t, 16>;

struct Rule {
  Octets first, last;
  unsigned prefix;
  bool allowed;
};

Rule rule_of(const common::IpAddress& ip, unsigned prefix, bool allowed) {
  const unsigned bits = ip.is_v6() ? 128 : 32;
  Rule rule{ip.octets(), ip.octets(), std::min(prefix, bits), allowed};
  for (unsigned bit = rule.prefix; bit < bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    rule.first[bit / 8] = static_cast<std::uint8_t>(rule.first[bit / 8] & ~mask);
    rule.last[bit / 8] = static_cast<std::uint8_t>(rule.last[bit / 8] | mask);
  }
  return rule;
}

/// The address after `last`, if there is one.
std::optional<Octets> after(Octets last, bool is_v6) {
  for (std::size_t i = is_v6 ? 16 : 4; i-- > 0;)
    if (++last[i] != 0) return last;
  return std::nullopt;
}

bool decide(std::span<const Rule> rules, const Octets& address, bool otherwise) {
  const Rule* best = nullptr;
  for (const auto& rule : rules) {
    if (address < rule.first || rule.last < address) continue;
    if (best == nullptr || rule.prefix > best->prefix ||
        (rule.prefix == best->prefix && !rule.allowed))
      best = &rule;
  }
  return best != nullptr ? best->allowed : otherwise;
}

template <class Intervals>
void flatten(Intervals& out, std::span<const Rule> rules, bool is_v6, bool otherwise) {
  std::vector<Octets> edges{Octets{}};
  for (const auto& rule : rules) {
    edges.push_back(rule.first);
    if (const auto next = after(rule.last, is_v6)) edges.push_back(*next);
  }
  std::ranges::sort(edges);
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  for (const auto& edge : edges) {
    const bool allowed = decide(rules, edge, otherwise);
    if (out.empty() || out.back().allowed != allowed) out.push_back({edge, allowed});
  }
}

}  // namespace

common::IpAddress without_mapping(const common::IpAddress& address) {
  static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const auto& octets = address.octets();
  if (!address.is_v6() || !std::equal(kMapped.begin(), kMapped.end(), octets.begin()))
    return address;
  std::uint32_t value = 0;
  for (std::size_t i = 12; i < 16; ++i) value = (value << 8U) | octets[i];
  return common::IpAddress::v4(value);
}

AddressRules::AddressRules(std::span<const common::PrefixedAddress> allow,
                           std::span<const common::PrefixedAddress> deny) {
  std::vector<Rule> v4;
  std::vector<Rule> v6;
  const auto add = [&](const common::PrefixedAddress& network, bool allowed) {
    (network.ip.is_v6() ? v6 : v4).push_back(rule_of(network.ip, network.prefix, allowed));
  };
  for (const auto& network : allow) add(network, true);
  for (const auto& network : deny) add(network, false);
  flatten(v4_, v4, false, allow.empty());
  flatten(v6_, v6, true, allow.empty());
}

bool AddressRules::allows(const common::IpAddress& client) const {
  const auto address = without_mapping(client);
  const auto& intervals = address.is_v6() ? v6_ : v4_;
  const auto next = std::upper_bound(
      intervals.begin(), intervals.end(), address.octets(),
      [](const Octets& octets, const Interval& interval) { return octets < interval.first; });
  return next == intervals.begin() || std::prev(next)->allowed;
}

Next AddressFilter::on_request(const Request& request, Passage& passage) const {
  if (rules_.allows(request.client)) return Next::Pass;
  return passage.refuse(Reason::AddressDenied);
}

}  // namespace lb::filters
