#pragma once

#include "common/time.hpp"
#include "vrrpd/election/virtual_router.hpp"

#include <cstddef>
#include <vector>

namespace vrrp::election {

/// Virtual Routers that move together, each on a network of its own (a sync group): one
/// VirtualRouter that speaks on all of them and hears what is said on any. So a peer is silent when
/// it is silent everywhere, one network that is cut makes nobody Active, and who yields on one
/// yields on all.
///
/// What is left to decide here: of equal priorities the greater address wins (RFC 9568 §6.4.3), but
/// two nodes may be ordered otherwise on each network, and each would yield to the other. The first
/// network on which a rival is heard decides; one after it only when it alone has been heard for
/// some time, since the first word after a cut may come over any.
class SyncGroup {
 public:
  explicit SyncGroup(std::size_t networks) : networks_(networks) {}

  /// What the machine is to hear of an advertisement that came over `network`. `silence`: after so
  /// long a network counts as one on which nobody is heard.
  Heard on_advertisement(std::size_t network, Heard heard, common::Duration silence,
                         common::TimePoint now);

 private:
  struct Network {
    common::TimePoint heard_at{common::TimePoint::min()};
    common::TimePoint heard_since{};  // without a silence between
  };
  std::vector<Network> networks_;
};

}  // namespace vrrp::election
