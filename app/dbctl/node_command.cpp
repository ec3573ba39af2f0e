#include "app/dbctl/node_command.hpp"

#include "common/time.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace booking::dbctl {
namespace {

constexpr std::size_t kMostWords = 2000;             // octets of what a command said that are kept
constexpr std::chrono::milliseconds kPatience{200};  // after its output has ended, for its end

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_{value} {}
  Descriptor(Descriptor&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() { close(); }
  int get() const { return value_; }
  void close() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
  static Pipe make() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {Descriptor{}, Descriptor{}};
    return {Descriptor{ends[0]}, Descriptor{ends[1]}};
  }
};

/// A child in a process group of its own, so that whatever it started ends with it.
pid_t start(std::vector<std::string> argv, int input, int output, int errors) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (input >= 0)
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  else
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // dbctl ignores SIGPIPE; what it starts shall end when nobody reads it any more.
  sigset_t as_usual;
  sigemptyset(&as_usual);
  sigaddset(&as_usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &as_usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, words.front(), &files, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  errno = error;
  return error == 0 ? pid : -1;
}

std::vector<std::string> with_verb(std::vector<std::string> command, const std::string& verb) {
  std::istringstream words{verb};
  for (std::string word; words >> word;) command.push_back(word);
  return command;
}

/// What is said until everybody has closed the pipe, or it is too late.
bool listen(int from, common::TimePoint deadline, std::string& words) {
  std::array<char, 4096> buffer{};
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - common::Clock::now());
    if (left.count() <= 0) return false;
    pollfd polled{from, POLLIN, 0};
    if (::poll(&polled, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000))) <= 0)
      continue;
    const auto count = ::read(from, buffer.data(), buffer.size());
    if (count <= 0) return true;
    words.append(buffer.data(), static_cast<std::size_t>(count));
    if (words.size() > 2 * kMostWords) words.erase(0, words.size() - kMostWords);
  }
}

/// Whether it ended by itself, well. One that is late is killed with all it started.
bool ended_well(pid_t pid, common::TimePoint deadline) {
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (common::Clock::now() >= deadline) {
      ::kill(-pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      return false;
    }
    ::poll(nullptr, 0, 5);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string last(std::string words) {
  while (!words.empty() && words.back() == '\n') words.pop_back();
  return words.size() > kMostWords ? words.substr(words.size() - kMostWords) : words;
}

struct Child {
  std::vector<std::string> argv;
  int input;
  int output;
};

CommandEnd carry_out(const std::vector<Child>& children, Pipe said, std::chrono::milliseconds limit,
                     const std::vector<Descriptor*>& ours) {
  CommandEnd end;
  const auto deadline = common::Clock::now() + limit;
  std::vector<pid_t> pids;
  bool started = true;
  for (const auto& child : children) {
    const auto pid = start(child.argv, child.input, child.output, said.write.get());
    if (pid < 0) {
      end.words += child.argv.front() + ": " + std::strerror(errno) + '\n';
      started = false;
    } else {
      pids.push_back(pid);
    }
  }
  for (auto* const descriptor : ours) descriptor->close();
  said.write.close();
  const bool in_time = started && listen(said.read.get(), deadline, end.words);
  bool well = started;
  for (const auto pid : pids)
    well = ended_well(pid, in_time ? std::max(deadline, common::Clock::now() + kPatience)
                                   : common::Clock::now()) &&
           well;
  if (started && !in_time) end.words += "not done within its limit";
  end.done = well && in_time;
  end.words = last(end.words);
  return end;
}

}  // namespace

CommandEnd run_on_node(const std::vector<std::string>& command, const std::string& verb,
                       std::chrono::milliseconds limit) {
  auto said = Pipe::make();
  const int output = said.write.get();
  return carry_out({{with_verb(command, verb), -1, output}}, std::move(said), limit, {});
}

CommandEnd pipe_between(const std::vector<std::string>& from, const std::string& giving,
                        const std::vector<std::string>& to, const std::string& taking,
                        std::chrono::milliseconds limit) {
  auto said = Pipe::make();
  auto data = Pipe::make();
  const int output = said.write.get();
  return carry_out({{with_verb(from, giving), -1, data.write.get()},
                    {with_verb(to, taking), data.read.get(), output}},
                   std::move(said), limit, {&data.read, &data.write});
}

}  // namespace booking::dbctl
