#include "common/notify.hpp"

#include <array>
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

/// What is said once and changes what the manager does next may wait for room in its queue, which
/// holds ten datagrams where nobody raised net.unix.max_dgram_qlen.
constexpr auto kPatience = std::chrono::milliseconds{500};

void say(std::string_view words) { notify_manager(words, -1, kPatience); }

template <class Int>
Int number_of(const char* name) {
  const char* const text = std::getenv(name);
  Int value = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), value);
  return value;
}

}  // namespace

// libsystemd for these few lines brought 1 MiB of itself and of four compression and crypto
// libraries into the memory of each daemon.
void notify_manager(std::string_view words, int descriptor, std::chrono::milliseconds patience) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const auto length = path == nullptr ? 0 : std::strlen(path);
  if (length == 0 || length >= sizeof to.sun_path || (*path != '/' && *path != '@')) return;
  std::memcpy(to.sun_path, path, length);
  if (*path == '@') to.sun_path[0] = '\0';  // of the abstract namespace
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  // sendmsg(2) does not write to what it sends; its interface is older than const.
  iovec text{.iov_base = const_cast<char*>(words.data()), .iov_len = words.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof descriptor)> control{};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  }
  const auto micros = std::chrono::microseconds{patience}.count();
  const timeval limit{.tv_sec = micros / 1'000'000, .tv_usec = micros % 1'000'000};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // 0: for ever
  ::sendmsg(socket, &message, MSG_NOSIGNAL | (micros == 0 ? MSG_DONTWAIT : 0));
  ::close(socket);
}

void notify_ready(std::string_view status) { say("READY=1\nSTATUS=" + std::string{status}); }

void notify_stopping() { say("STOPPING=1"); }

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto since_boot = std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(since_boot).count();
  say("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us));
}

void notify_main_process(int pid) { say("MAINPID=" + std::to_string(pid)); }

Watchdog::Watchdog(boost::asio::io_context& context) : timer_{context} {
  // sd_watchdog_enabled(3): meant for another process when its number is not ours.
  const auto limit_us = number_of<std::uint64_t>("WATCHDOG_USEC");
  const auto process = number_of<pid_t>("WATCHDOG_PID");
  if (limit_us == 0 || (process != 0 && process != ::getpid())) return;
  interval_ = std::chrono::microseconds{limit_us / 2};
  feed();
}

void Watchdog::feed() {
  notify_manager("WATCHDOG=1");
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) feed();
  });
}

}  // namespace common
