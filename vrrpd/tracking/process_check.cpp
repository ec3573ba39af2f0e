#include "vrrpd/tracking/process_check.hpp"

#include "vrrpd/tracking/small_file.hpp"

#include <filesystem>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace vrrp::tracking {
namespace {

constexpr std::size_t kLongestName = 15;  // TASK_COMM_LEN less its final 0

bool has_ended(int process) {
  pollfd one{.fd = process, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, 0) != 0;
}

bool is_named(int pid, const std::string& name) {
  auto comm = read_small_file("/proc/" + std::to_string(pid) + "/comm");
  if (!comm) return false;
  while (comm->ends_with('\n')) comm->pop_back();
  return *comm == name.substr(0, kLongestName);
}

}  // namespace

ProcessCheck::ProcessCheck(boost::asio::io_context& context, const TrackOptions& options,
                           OnFinding on_finding)
    : PeriodicCheck{context, options.interval, std::move(on_finding)},
      target_{std::get<ProcessTarget>(options.target)},
      process_{context} {}

void ProcessCheck::ask(Answer answer) { answer({.good = process_.is_open() || find()}); }

bool ProcessCheck::find() {
  if (!target_.pid_file.empty()) {
    const auto text = read_small_file(target_.pid_file);
    const auto pid = text ? number_in(*text) : std::nullopt;
    return pid && *pid > 0 && follow(*pid);
  }
  std::error_code error;
  for (std::filesystem::directory_iterator at{"/proc", error}, end; !error && at != end;
       at.increment(error)) {
    const auto pid = number_in(at->path().filename().native());
    // Asked again once its number cannot become another's.
    if (pid && is_named(*pid, target_.name) && follow(*pid)) {
      if (is_named(*pid, target_.name)) return true;
      process_.close();
    }
  }
  return false;
}

bool ProcessCheck::follow(int pid) {
  const auto process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) return false;
  if (has_ended(process)) {
    ::close(process);
    return false;
  }
  process_.assign(process);
  process_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code error) {
                        if (!error) on_end();
                      });
  return true;
}

void ProcessCheck::on_end() {
  process_.close();
  if (!find()) tell({.good = false, .at_once = true});
}

}  // namespace vrrp::tracking
