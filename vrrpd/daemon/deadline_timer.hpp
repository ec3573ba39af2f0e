#pragma once

#include "common/time.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>

namespace vrrp::daemon {

/// Calls back at a deadline that moves with almost every packet, for few system calls: one a period
/// when the next deadline was foreseen, and none when it is put off, as that of a Backup Router is
/// by every advertisement; it is looked at again when half of the new wait is left.
class DeadlineTimer {
 public:
  /// `on_due(due)`, never before `due`.
  DeadlineTimer(boost::asio::io_context& context, std::function<void(common::TimePoint)> on_due);
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  /// In the place of the deadline before; `TimePoint::max()`: none. `period`: how much later the
  /// next one is likely to be; 0: nobody knows.
  void set(common::TimePoint deadline, common::Duration period, common::TimePoint now);

 private:
  struct Alarm {
    explicit Alarm(boost::asio::io_context& context) : timer{context} {}
    bool armed() const { return at != common::TimePoint::max(); }

    // Of the one context: an executor of any kind would be asked for its kind at each wait.
    boost::asio::basic_waitable_timer<common::Clock, boost::asio::wait_traits<common::Clock>,
                                      boost::asio::io_context::executor_type>
        timer;
    common::TimePoint at{common::TimePoint::max()};
  };

  void arm(Alarm& alarm, common::TimePoint at);
  void disarm(Alarm& alarm);
  void on_alarm(Alarm& alarm);
  Alarm& first();

  std::function<void(common::TimePoint)> on_due_;
  common::TimePoint deadline_{common::TimePoint::max()};
  // Two: the second is for the deadline after the next, so that the kernel's timer is set once for
  // both, and not to nothing and then to it.
  std::array<Alarm, 2> alarms_;
};

}  // namespace vrrp::daemon
