#include "vrrpd/election/announcements.hpp"

#include <algorithm>
#include <array>

namespace vrrp::election {

using common::TimePoint;

namespace {

/// Where on the way from the first to the last, in thousandths, when a fifth, two fifths, … of the
/// announcements have been made.
constexpr std::array kCurve{0, 10, 50, 250, 525, 1000};

/// Between two points of the curve in proportion.
common::Duration offset(std::size_t step, const AnnouncementOptions& options) {
  if (options.count <= 1) return {};
  constexpr auto kStretches = kCurve.size() - 1;
  const auto last = options.count - 1;
  const auto at = step * kStretches / last;
  if (at >= kStretches) return options.delay;
  const auto past = static_cast<int>(step * kStretches % last);
  const auto parts = static_cast<int>(last);
  const common::Duration delay{options.delay};
  return delay * (kCurve[at] * (parts - past) + kCurve[at + 1] * past) / (kCurve.back() * parts);
}

}  // namespace

TimePoint Announcements::time_of_step() const { return since_ + offset(step_, options_); }

TimePoint Announcements::after_the_last(TimePoint now) const {
  return options_.refresh.count() == 0 ? TimePoint::max() : now + options_.refresh;
}

void Announcements::restart(TimePoint now) {
  since_ = now;
  step_ = 0;
  next_ = last_ == TimePoint::min() ? now : std::max(now, last_ + kLeastDistance);
}

bool Announcements::take_due(TimePoint now) {
  if (now < next_) return false;
  last_ = now;
  while (step_ < options_.count && time_of_step() <= now) ++step_;
  next_ =
      step_ < options_.count ? std::max(time_of_step(), now + kLeastDistance) : after_the_last(now);
  return true;
}

}  // namespace vrrp::election
