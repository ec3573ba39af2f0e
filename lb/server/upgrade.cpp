#include "lb/server/upgrade.hpp"

#include "lb/server/birth.hpp"
#include "lb/server/inherited_sockets.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace lb::server {
namespace {

constexpr int kFirst = 3;  // of the descriptors handed over, sd_listen_fds(3)
constexpr std::size_t kPidDigits = 20;

std::string reason(int error) { return std::generic_category().message(error); }

/// All that the child needs, prepared beforehand: between fork and exec it must not allocate.
struct Command {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::array<char*, 2> own_pid{};  // where its own number goes in the environment
  std::vector<int> descriptors;

  Command(const Invocation& invocation, const std::vector<HandedSocket>& sockets);
  [[noreturn]] void become(const sigset_t& mask);
};

Command::Command(const Invocation& invocation, const std::vector<HandedSocket>& sockets)
    : program{invocation.program}, arguments{invocation.arguments} {
  constexpr std::array<std::string_view, 4> kOurs{
      "LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES=", "WATCHDOG_PID="};
  for (char** one = ::environ; *one != nullptr; ++one) {
    const std::string_view variable{*one};
    if (std::none_of(kOurs.begin(), kOurs.end(),
                     [&](std::string_view name) { return variable.starts_with(name); }))
      environment.emplace_back(variable);
  }
  std::string names;
  for (const auto& [name, socket] : sockets) {
    names.append(names.empty() ? "" : ":").append(name);
    descriptors.push_back(socket.number());
  }
  environment.push_back("LISTEN_FDS=" + std::to_string(sockets.size()));
  environment.push_back("LISTEN_FDNAMES=" + names);
  const auto numbers = environment.size();
  for (const std::string_view name : {"LISTEN_PID=", "WATCHDOG_PID="})
    environment.push_back(std::string{name} + std::string(kPidDigits, '\0'));
  for (std::size_t i = 0; i < own_pid.size(); ++i) {
    auto& variable = environment[numbers + i];
    own_pid.at(i) = variable.data() + variable.find('=') + 1;
  }
  for (auto& one : arguments) argv.push_back(one.data());
  for (auto& one : environment) envp.push_back(one.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
}

/// In the child: async-signal-safe calls only.
void Command::become(const sigset_t& mask) {
  const int count = static_cast<int>(descriptors.size());
  const int pipe = kFirst + count - 1;  // the last one, while nothing is in its place
  for (int i = 0; i < count; ++i) ::dup2(descriptors[static_cast<std::size_t>(i)], kFirst + i);
  // Connections of clients must not live on in another process.
  ::close_range(static_cast<unsigned>(kFirst + count), ~0U, 0);
  for (char* number : own_pid) std::to_chars(number, number + kPidDigits, ::getpid());
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) std::signal(signal, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::execve(program.c_str(), argv.data(), envp.data());
  const char* why = ::strerrordesc_np(errno);  // strerror may lock
  [[maybe_unused]] const auto written = ::write(pipe, why, std::strlen(why));
  ::_exit(127);
}

}  // namespace

void Upgrade::start(const Invocation& invocation, std::vector<HandedSocket> sockets, Done done) {
  done_ = std::move(done);
  const auto fail = [this](std::string why) {
    boost::asio::post(limit_.get_executor(), [this, why = std::move(why)] { finish(why); });
  };
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail("no pipe: " + reason(errno));
  net::Descriptor ours{ends[0]};
  sockets.push_back({std::string{InheritedSockets::kReady}, net::Descriptor{ends[1]}});
  // Out of the way of the places they will have in the child.
  const int above = kFirst + static_cast<int>(sockets.size());
  for (auto& [name, socket] : sockets) {
    net::Descriptor moved{::fcntl(socket.number(), F_DUPFD_CLOEXEC, above)};
    if (!moved) return fail("no descriptor: " + reason(errno));
    socket = std::move(moved);
  }
  Command command{invocation, sockets};
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  // A signal for the child must not run our handlers in it, before it is something else.
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  const pid_t child = ::fork();
  if (child == 0) command.become(before);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) return fail("no process: " + reason(error));
  child_ = child;
  late_ = false;
  said_.clear();
  pipe_.assign(ours.release());
  limit_.expires_after(kMostStartTime);
  limit_.async_wait([this](const boost::system::error_code& stopped) {
    if (stopped) return;
    late_ = true;
    ::kill(child_, SIGKILL);
  });
  read();
}

void Upgrade::abandon() {
  if (child_ > 0) ::kill(child_, SIGKILL);
}

void Upgrade::read() {
  pipe_.async_read_some(boost::asio::buffer(chunk_), [this](const boost::system::error_code& error,
                                                            std::size_t count) {
    if (error) return on_end();
    said_.append(chunk_.data(), std::min(count, kLongestReason - said_.size()));
    if (said_ == Birth::kServing) return finish(child_);
    read();
  });
}

/// The child has left, or is about to, without having served.
void Upgrade::on_end() {
  ::kill(child_, SIGKILL);
  int status = 0;
  ::waitpid(child_, &status, 0);
  std::string why = said_;
  while (!why.empty() && why.back() == '\n') why.pop_back();
  if (late_)
    why = "it did not serve within " + std::to_string(kMostStartTime.count()) + " s";
  else if (why.empty())
    why = WIFSIGNALED(status) ? "it was ended by signal " + std::to_string(WTERMSIG(status))
                              : "it left with status " + std::to_string(WEXITSTATUS(status));
  finish(why);
}

void Upgrade::finish(common::Result<pid_t, std::string> result) {
  limit_.cancel();
  pipe_.close();
  child_ = -1;
  std::exchange(done_, {})(result);
}

}  // namespace lb::server
