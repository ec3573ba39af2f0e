#include "vrrpd/election/both_active.hpp"

#include <utility>

namespace vrrp::election {

bool BothActive::on_rival(common::Duration interval, common::TimePoint now) {
  if (now < active_since_ + interval) return false;
  heard_at_ = now;
  if (std::exchange(episode_, true)) return false;
  since_ = now;
  ++episodes_;
  return true;
}

bool BothActive::is_over(bool active, common::Duration interval, common::TimePoint now) {
  if (!episode_ || (active && now < heard_at_ + kQuietIntervals * interval)) return false;
  episode_ = false;
  return true;
}

}  // namespace vrrp::election
