#include "vrrpd/election/sync_group.hpp"

namespace vrrp::election {

Heard SyncGroup::on_advertisement(std::size_t network, Heard heard, common::Duration silence,
                                  common::TimePoint now) {
  auto& here = networks_[network];
  if (here.heard_at + silence <= now) here.heard_since = now;
  here.heard_at = now;
  bool decides = network == 0 || here.heard_since + silence <= now;
  for (std::size_t before = 0; before < network; ++before)
    if (networks_[before].heard_at + silence > now) decides = false;
  heard.from_greater_address = heard.from_greater_address && decides;
  return heard;
}

}  // namespace vrrp::election
