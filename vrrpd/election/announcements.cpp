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

/// Not at once: it may be the first frame of a better router's takeover, whose advertisement is on
/// its way. The loser's word would be the last one then, and the neighbours send to nobody until
/// the winner announces again. Nor put off again by the next claim of many.
void Announcements::answer(TimePoint claimed_at) {
  if (claimed_at >= claimed_at_ + kCalm) {
    answers_from_ = TimePoint::min();
    distance_ = kLeastDistance;
  }
  claimed_at_ = claimed_at;
  const auto at = std::max(claimed_at + kLeastDistance, answers_from_);
  if (next_ <= at) return;
  restart(at);
  answers_from_ = at + distance_;
  distance_ = std::min<common::Duration>(2 * distance_, kLongestDistance);
}

void Announcements::cancel() {
  next_ = TimePoint::max();
  claimed_at_ = TimePoint::min();
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
