#include "vrrpd/programs/jobs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vrrp::programs {
namespace {

constexpr int kCannotExecute = 127;  // as a shell has it
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  return all;
}

/// In the child, where nothing may be allocated any more.
[[noreturn]] void become(char* const* arguments, char* const* environment, int input, int output) {
  ::setpgid(0, 0);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) std::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(input >= 0 ? input : ::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  ::execve(arguments[0], arguments, environment);
  const char* const why = std::strerror(errno);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, why, std::strlen(why));
  ::_exit(kCannotExecute);
}

/// A file in memory that holds `text`, to be read from its beginning; none for no text.
link::Descriptor input_of(const std::string& text) {
  if (text.empty()) return {};
  link::Descriptor file{::memfd_create("input", MFD_CLOEXEC)};
  if (::write(file.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return {};
  ::lseek(file.number(), 0, SEEK_SET);
  return file;
}

Outcome not_started(const Order& order, std::string why) {
  return {order.id, {.how = How::NotStarted, .output = std::move(why)}};
}

}  // namespace

Jobs::~Jobs() {
  for (const auto& job : jobs_) ::kill(-job.pid, SIGKILL);
}

std::optional<Outcome> Jobs::start(const Order& order, common::TimePoint now) {
  if (jobs_.size() >= kMostAtOnce) return not_started(order, "too many programs run already");
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    return not_started(order, std::strerror(errno));
  link::Descriptor reading{pipe[0]};
  const link::Descriptor writing{pipe[1]};

  auto arguments = pointers(order.program.run);
  arguments.push_back(nullptr);
  auto environment = pointers(order.program.environment);
  environment.push_back(const_cast<char*>(kPath));
  environment.push_back(nullptr);
  const auto input = input_of(order.program.input);
  const auto pid = ::fork();
  if (pid < 0) return not_started(order, std::strerror(errno));
  if (pid == 0) {
    ::fcntl(pipe[1], F_SETFL, 0);
    become(arguments.data(), environment.data(), input.number(), pipe[1]);
  }
  ::setpgid(pid, pid);  // here, too: whoever is first
  link::Descriptor process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  jobs_.push_back(
      {order.id, pid, std::move(process), std::move(reading), {}, now + order.program.timeout});
  return std::nullopt;
}

void Jobs::read_output(Job& job) {
  std::array<char, 4096> text{};
  while (true) {
    const auto size = ::read(job.output.number(), text.data(), text.size());
    if (size == 0) job.output = {};  // all ends are closed: nothing to wait for
    if (size <= 0) return;
    const auto room = kMostOutput - job.text.size();
    job.text.append(text.data(), std::min(static_cast<std::size_t>(size), room));
  }
}

std::optional<Ended> Jobs::outcome_of(Job& job) {
  int status = 0;
  if (::waitpid(job.pid, &status, WNOHANG) != job.pid) return std::nullopt;
  ::kill(-job.pid, SIGKILL);  // what it left running goes with it
  read_output(job);
  Ended ended{.how = How::Exited, .status = 0, .output = std::move(job.text)};
  if (job.killed) {
    ended.how = How::TimedOut;
  } else if (WIFSIGNALED(status)) {
    ended.how = How::Signalled;
    ended.status = WTERMSIG(status);
  } else {
    ended.status = WEXITSTATUS(status);
  }
  return ended;
}

std::vector<Outcome> Jobs::look(common::TimePoint now) {
  std::vector<Outcome> over;
  for (auto& job : jobs_) {
    read_output(job);
    if (now >= job.deadline && !job.killed) {
      job.killed = true;
      ::kill(-job.pid, SIGKILL);
    }
    if (auto ended = outcome_of(job)) over.push_back({job.id, std::move(*ended)});
  }
  std::erase_if(jobs_, [&](const Job& job) {
    return std::ranges::any_of(over, [&](const Outcome& one) { return one.id == job.id; });
  });
  return over;
}

void Jobs::add_to(std::vector<pollfd>& waits) const {
  for (const auto& job : jobs_) {
    waits.push_back({.fd = job.process.number(), .events = POLLIN, .revents = 0});
    waits.push_back({.fd = job.output.number(), .events = POLLIN, .revents = 0});
  }
}

common::TimePoint Jobs::next_deadline() const {
  auto next = common::TimePoint::max();
  for (const auto& job : jobs_)
    if (!job.killed) next = std::min(next, job.deadline);
  return next;
}

}  // namespace vrrp::programs
