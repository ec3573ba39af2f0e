#include "common/notify.hpp"

#include <string>
#include <systemd/sd-daemon.h>

namespace common {

void notify_ready(std::string_view status) {
  sd_notify(0, ("READY=1\nSTATUS=" + std::string{status}).c_str());
}

void notify_stopping() { sd_notify(0, "STOPPING=1"); }

Watchdog::Watchdog(boost::asio::io_context& context) : timer_{context} {
  std::uint64_t limit_us = 0;
  if (sd_watchdog_enabled(0, &limit_us) <= 0) return;
  interval_ = std::chrono::microseconds{limit_us / 2};
  feed();
}

void Watchdog::feed() {
  sd_notify(0, "WATCHDOG=1");
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) feed();
  });
}

}  // namespace common
