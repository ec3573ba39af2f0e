#include "common/notify.hpp"

#include <string>
#include <systemd/sd-daemon.h>
#include <time.h>

namespace common {

void notify_ready(std::string_view status) {
  sd_notify(0, ("READY=1\nSTATUS=" + std::string{status}).c_str());
}

void notify_stopping() { sd_notify(0, "STOPPING=1"); }

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto since_boot = std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(since_boot).count();
  sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us)).c_str());
}

void notify_main_process(int pid) { sd_notify(0, ("MAINPID=" + std::to_string(pid)).c_str()); }

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
