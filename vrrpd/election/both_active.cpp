#include "vrrpd/election/both_active.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::election {

bool BothActive::on_rival(common::Duration interval, common::Duration again,
                          common::TimePoint now) {
  if (now < active_since_ + interval) return false;
  quiet_from_ = std::max(quiet_from_, now + kQuietWords * again);
  if (std::exchange(episode_, true)) return false;
  since_ = now;
  ++episodes_;
  return true;
}

bool BothActive::is_over(bool active, common::TimePoint now) {
  if (!episode_ || (active && now < quiet_from_)) return false;
  episode_ = false;
  return true;
}

}  // namespace vrrp::election
