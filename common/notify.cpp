#include "common/notify.hpp"

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

namespace common {
namespace {

/// A datagram to the service manager, as sd_notify(3) lays it down; nothing without one. libsystemd
/// for these few lines brought 1 MiB of itself and of four compression and crypto libraries into
/// the memory of each daemon.
void tell(std::string_view state) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (*path != '/' && *path != '@')) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const auto length = std::strlen(path);
  if (length >= sizeof to.sun_path) return;
  std::memcpy(to.sun_path, path, length);
  if (*path == '@') to.sun_path[0] = '\0';  // of the abstract namespace
  const int number = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (number < 0) return;
  ::sendto(number, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
  ::close(number);
}

template <class Int>
Int number_of(const char* name) {
  const char* const text = std::getenv(name);
  Int value = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), value);
  return value;
}

}  // namespace

void notify_ready(std::string_view status) { tell("READY=1\nSTATUS=" + std::string{status}); }

void notify_stopping() { tell("STOPPING=1"); }

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto since_boot = std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(since_boot).count();
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us));
}

void notify_main_process(int pid) { tell("MAINPID=" + std::to_string(pid)); }

Watchdog::Watchdog(boost::asio::io_context& context) : timer_{context} {
  // sd_watchdog_enabled(3): meant for another process when its number is not ours.
  const auto limit_us = number_of<std::uint64_t>("WATCHDOG_USEC");
  const auto process = number_of<pid_t>("WATCHDOG_PID");
  if (limit_us == 0 || (process != 0 && process != ::getpid())) return;
  interval_ = std::chrono::microseconds{limit_us / 2};
  feed();
}

void Watchdog::feed() {
  tell("WATCHDOG=1");
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) feed();
  });
}

}  // namespace common
