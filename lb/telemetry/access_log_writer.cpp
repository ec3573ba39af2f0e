#include "lb/telemetry/access_log_writer.hpp"

#include "common/log.hpp"
#include "lb/telemetry/handover.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <future>
#include <mutex>
#include <poll.h>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace lb::telemetry {
namespace {

constexpr common::Log kLog{"lb.telemetry"};

/// How long an end waits for the last lines; whoever reads them may have stopped reading.
constexpr auto kFarewell = std::chrono::seconds{1};
/// A look at the queue even if nobody called.
constexpr auto kLook = std::chrono::milliseconds{1'000};

int open_file(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

/// Shared with the thread, which may be stuck in a write when the process leaves.
struct AccessLogWriter::State {
  State(std::string f, std::shared_ptr<ControlCounters> c)
      : file{std::move(f)}, counters{std::move(c)} {}
  ~State() {
    if (!file.empty() && descriptor >= 0) ::close(descriptor);
  }

  std::string file;  // empty: standard output
  std::shared_ptr<ControlCounters> counters;
  int descriptor{STDOUT_FILENO};
  Handover<Chunk> chunks{kMostChunks};
  std::atomic<bool> reopening{false};
  bool failing{false};  // the last write did; told once
  bool torn{false};     // a line was cut: the next one must not join it
  std::once_flag started;
  std::atomic<bool> running{false};
  std::promise<void> ended;

  void run() {
    while (true) {
      const bool last = chunks.closed();
      const auto taken = chunks.take(kLook);
      if (reopening.exchange(false)) open_again();
      for (const auto& chunk : taken) write(chunk);
      if (last && taken.empty()) break;
    }
    ended.set_value();
  }

  void open_again() {
    const int next = open_file(file);
    if (next < 0) {
      kLog.error("the access log cannot be opened anew, going on in the old file",
                 {{"file", file}, {"error", std::system_category().message(errno)}});
      return;
    }
    ::close(std::exchange(descriptor, next));
  }

  /// What is left of `text` when the file takes no more.
  std::string_view write_out(std::string_view text) {
    while (!text.empty()) {
      const auto written = ::write(descriptor, text.data(), text.size());
      if (written > 0) {
        text.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno == EAGAIN) {  // somebody has made standard output non-blocking
        pollfd writable{descriptor, POLLOUT, 0};
        ::poll(&writable, 1, static_cast<int>(kLook.count()));
      } else if (errno != EINTR) {
        break;
      }
    }
    return text;
  }

  void write(const Chunk& chunk) {
    if (torn && write_out("\n").empty()) torn = false;
    const auto rest = torn ? std::string_view{chunk.lines} : write_out(chunk.lines);
    if (rest.empty()) {
      failing = false;
      return;
    }
    if (!std::exchange(failing, true))
      kLog.error("the access log cannot be written, lines are lost",
                 {{"file", file}, {"error", std::system_category().message(errno)}});
    const auto gone = chunk.lines.size() - rest.size();
    torn = torn || (gone > 0 && chunk.lines[gone - 1] != '\n');
    counters->access_log_lost.add(
        static_cast<std::uint64_t>(std::count(rest.begin(), rest.end(), '\n')));
  }
};

AccessLogWriter::AccessLogWriter(const AccessLogOptions& options,
                                 std::shared_ptr<ControlCounters> lost)
    : state_{std::make_shared<State>(options.file, std::move(lost))} {
  if (!options.file.empty()) {
    state_->descriptor = open_file(options.file);
    if (state_->descriptor < 0)
      throw std::system_error{errno, std::generic_category(), "access log " + options.file};
  }
}

AccessLogWriter::~AccessLogWriter() {
  state_->chunks.close();
  if (state_->running) state_->ended.get_future().wait_for(kFarewell);
}

/// The thread begins with the first lines: a worker's, it is confined as workers are.
void AccessLogWriter::start() {
  std::call_once(state_->started, [this] {
    state_->running = true;
    std::thread{[state = state_] { state->run(); }}.detach();
  });
}

bool AccessLogWriter::offer(Chunk& chunk) {
  start();
  return state_->chunks.try_push(chunk);
}

bool AccessLogWriter::offer_last(Chunk& chunk) {
  start();
  return state_->chunks.push_last(chunk);
}

void AccessLogWriter::reopen() {
  if (state_->file.empty()) return;
  state_->reopening = true;
  state_->chunks.wake();
}

const std::string& AccessLogWriter::file() const { return state_->file; }

}  // namespace lb::telemetry
