#pragma once

#include "common/time.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <string_view>

namespace common {

// Words to systemd; nothing happens when it is not the one who started us.

/// One datagram of `NAME=value` lines, as sd_notify(3) lays it down, with a copy of `descriptor`
/// when that is one (not negative). Words for which the manager has no room within `patience` are
/// lost; with none this never waits.
void notify_manager(std::string_view words, int descriptor = -1,
                    std::chrono::milliseconds patience = {});

void notify_ready(std::string_view status);
void notify_stopping();
/// Between this and the next `notify_ready` the configuration is being read again.
void notify_reloading();
/// From now on `pid` is the service; we are on our way out.
void notify_main_process(int pid);

/// Feeds systemd's watchdog at half its interval from inside `context`, so that a hung event loop
/// is found and restarted.
class Watchdog {
 public:
  explicit Watchdog(boost::asio::io_context& context);
  /// No more feeding; an io_context with nothing else to do may end.
  void stop() { timer_.cancel(); }

 private:
  void feed();

  boost::asio::steady_timer timer_;
  Duration interval_{};
};

}  // namespace common
