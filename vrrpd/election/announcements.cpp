#include "vrrpd/election/announcements.hpp"

#include <algorithm>
#include <array>

namespace vrrp::election {

using namespace std::chrono_literals;
using common::TimePoint;

namespace {

constexpr std::array<common::Duration, 6> kOffsets{0ms, 20ms, 100ms, 500ms, 1050ms, 2000ms};

}  // namespace

void Announcements::restart(TimePoint now) {
  since_ = now;
  step_ = 0;
  next_ = last_ == TimePoint::min() ? now : std::max(now, last_ + kLeastDistance);
}

bool Announcements::take_due(TimePoint now) {
  if (now < next_) return false;
  last_ = now;
  while (step_ < kOffsets.size() && since_ + kOffsets[step_] <= now) ++step_;
  next_ = step_ < kOffsets.size() ? std::max(since_ + kOffsets[step_], now + kLeastDistance)
                                  : now + kRefresh;
  return true;
}

}  // namespace vrrp::election
