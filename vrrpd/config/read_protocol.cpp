#include "vrrpd/config/readers.hpp"

namespace vrrp::config {

void read_protocol(const common::ConfigNode& node, daemon::RouterOptions& router) {
  node.require("vrid", router.vrid.value, common::Range<std::uint8_t>{1, 255});
  node.read("priority", router.priority.value, {1, 255});
  node.read("advertisement_interval", router.advertisement_interval,
            {.least = kShortestInterval, .most = kLongestInterval});
  node.read("preempt", router.preempt);
  node.read_choice("vrid_collision", router.obey_collisions, {{"report", false}, {"obey", true}});
  node.read_choice("checksum", router.checksum,
                   {{"pseudo_header", packet::ChecksumForm::PseudoHeader},
                    {"message_only", packet::ChecksumForm::MessageOnly}});
}

}  // namespace vrrp::config
