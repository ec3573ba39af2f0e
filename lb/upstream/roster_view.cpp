#include "lb/upstream/roster_view.hpp"

#include "lb/balancing/tiers.hpp"

#include <algorithm>

namespace lb::upstream {

bool is_panicking(const RosterView& view, unsigned panic_percent) {
  std::vector<balancing::Standing> standings;
  for (const auto& endpoint : view) {
    if (standings.size() == balancing::EndpointSet::kMost) break;
    standings.push_back({.slot = standings.size(),
                         .tier = endpoint.tier,
                         .usable = endpoint.usable,
                         .open = !endpoint.draining && endpoint.weight > 0});
  }
  balancing::Tiers tiers;
  tiers.assign(standings, panic_percent);
  return tiers.panicking();
}

}  // namespace lb::upstream
