#include "lb/balancing/tiers.hpp"

#include <map>

namespace lb::balancing {

void Tiers::assign(std::span<const Standing> endpoints, unsigned panic_percent) {
  struct Tier {
    EndpointSet all;
    EndpointSet usable;
  };
  std::map<std::uint32_t, Tier> tiers;
  for (const auto& endpoint : endpoints) {
    if (!endpoint.open) continue;
    auto& tier = tiers[endpoint.tier];
    tier.all.add(endpoint.slot);
    if (endpoint.usable) tier.usable.add(endpoint.slot);
  }
  choices_.clear();
  panicking_ = false;
  const auto well = [panic_percent](const Tier& tier) {
    return !tier.usable.empty() && tier.usable.size() * 100 >= tier.all.size() * panic_percent;
  };
  for (const auto& [number, tier] : tiers)
    if (well(tier)) choices_.push_back(tier.usable);
  panicking_ = panic_percent > 0 && choices_.empty() && !tiers.empty();
  for (const auto& [number, tier] : tiers)
    if (!well(tier) && !tier.usable.empty())
      choices_.push_back(panicking_ ? tier.all : tier.usable);
  if (!panicking_) return;
  for (const auto& [number, tier] : tiers)
    if (tier.usable.empty()) choices_.push_back(tier.all);
}

}  // namespace lb::balancing
