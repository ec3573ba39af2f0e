#include "vrrpd/programs/helper.hpp"

#include "vrrpd/programs/jobs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vrrp::programs {
namespace {

constexpr int kSocket = 3;  // where the helper has the socket

bool drop_capabilities() {
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool become(const passwd* user) {
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
       ::setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0))
    return false;
  return drop_capabilities();
}

int milliseconds_until(common::TimePoint deadline) {
  if (deadline == common::TimePoint::max()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - common::Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void send(const Outcome& outcome) {
  const auto octets = encode(outcome);
  ::send(kSocket, octets.data(), octets.size(), MSG_NOSIGNAL);
}

/// Until the daemon is gone and what it ordered has ended, its last notification above all.
void serve() {
  Jobs jobs;
  bool gone = false;
  std::vector<char> buffer(kLargestMessage);
  while (!gone || !jobs.empty()) {
    std::vector<pollfd> waits{{.fd = gone ? -1 : kSocket, .events = POLLIN, .revents = 0}};
    jobs.add_to(waits);
    ::poll(waits.data(), waits.size(), milliseconds_until(jobs.next_deadline()));
    if (waits[0].revents != 0) {
      const auto size = ::recv(kSocket, buffer.data(), buffer.size(), 0);
      gone = size == 0 || (size < 0 && errno != EINTR);
      const auto order =
          decode_order({buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))});
      if (order)
        if (const auto failed = jobs.start(*order, common::Clock::now())) send(*failed);
    }
    for (const auto& outcome : jobs.look(common::Clock::now())) send(outcome);
  }
}

[[noreturn]] void run(link::Descriptor socket, const passwd* user) {
  ::prctl(PR_SET_NAME, "vrrpd-programs", 0, 0, 0);
  // A service manager tells the whole group to stop: we go when the daemon has gone, for its last
  // notifications are still to be run.
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE})
    std::signal(number, SIG_IGN);
  ::dup2(socket.number(), kSocket);
  ::syscall(SYS_close_range, kSocket + 1, ~0U, 0);
  if (become(user)) serve();
  ::_exit(0);
}

}  // namespace

common::Result<link::Descriptor, std::string> start_helper(const std::string& user) {
  const passwd* as = nullptr;
  if (::geteuid() == 0) {
    as = ::getpwnam(user.c_str());
    if (as == nullptr) return "there is no user \"" + user + "\"";
    if (as->pw_uid == 0) return "programs are not run as root";
  }
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return std::string{std::strerror(errno)};
  link::Descriptor ours{pair[0]};
  link::Descriptor theirs{pair[1]};
  const auto pid = ::fork();
  if (pid < 0) return std::string{std::strerror(errno)};
  if (pid == 0) run(std::move(theirs), as);
  return ours;
}

}  // namespace vrrp::programs
