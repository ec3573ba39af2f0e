#include "vrrpd/daemon/deadline_timer.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::daemon {

using common::TimePoint;

DeadlineTimer::DeadlineTimer(boost::asio::io_context& context,
                             std::function<void(TimePoint)> on_due)
    : on_due_{std::move(on_due)}, alarms_{Alarm{context}, Alarm{context}} {}

void DeadlineTimer::set(TimePoint deadline, common::Duration period, TimePoint now) {
  deadline_ = deadline;
  if (deadline == TimePoint::max()) {
    for (auto& alarm : alarms_) disarm(alarm);
    return;
  }
  const auto soonest = first().at;
  if (soonest > deadline || (soonest != deadline && soonest - now < (deadline - now) / 2)) {
    for (auto& alarm : alarms_) disarm(alarm);
    arm(alarms_.front(), deadline);
  }
  if (period == common::Duration::zero()) return;
  const auto spare = std::ranges::find_if_not(alarms_, &Alarm::armed);
  if (spare != alarms_.end()) arm(*spare, deadline + period);
}

DeadlineTimer::Alarm& DeadlineTimer::first() {
  return *std::ranges::min_element(alarms_, {}, &Alarm::at);
}

void DeadlineTimer::arm(Alarm& alarm, TimePoint at) {
  alarm.at = at;
  alarm.timer.expires_at(at);
  alarm.timer.async_wait([this, &alarm](boost::system::error_code error) {
    if (!error) on_alarm(alarm);
  });
}

void DeadlineTimer::disarm(Alarm& alarm) {
  if (!alarm.armed()) return;
  alarm.at = TimePoint::max();
  alarm.timer.cancel();
}

void DeadlineTimer::on_alarm(Alarm& alarm) {
  // Disarmed, and perhaps armed again, when its time had passed and this was on its way already.
  if (alarm.at > common::Clock::now()) return;
  alarm.at = TimePoint::max();
  if (deadline_ == TimePoint::max()) return;
  if (deadline_ > common::Clock::now()) {
    if (!first().armed() || first().at > deadline_) arm(alarm, deadline_);
    return;
  }
  on_due_(std::exchange(deadline_, TimePoint::max()));
}

}  // namespace vrrp::daemon
