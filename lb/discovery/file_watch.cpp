#include "lb/discovery/file_watch.hpp"

#include "lb/discovery/endpoint_list.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace lb::discovery {

using Descriptor = net::asio::posix::basic_stream_descriptor<net::Executor>;

namespace {

/// What a write, a rename onto it or away, and the end of the directory look like. The writing
/// itself is not among them: a file half written is read when it is closed.
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                  IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;

std::string last_error() { return std::strerror(errno); }

/// The content; nothing, and the reason in `fault`, when there is none.
std::optional<std::string> read_file(const std::string& path, std::string& fault) {
  // Not to wait for the other end of a FIFO.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return fault = last_error(), std::nullopt;
  struct stat status {};
  fault.clear();
  if (::fstat(file, &status) != 0)
    fault = last_error();
  else if (!S_ISREG(status.st_mode))
    fault = "it is no regular file";
  std::string text;
  std::array<char, 16 * 1024> piece;
  while (fault.empty()) {
    const auto count = ::read(file, piece.data(), piece.size());
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fault = last_error();
    if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > FileWatch::kLargestFile) fault = "it is larger than 256 KiB";
  }
  ::close(file);
  if (!fault.empty()) return std::nullopt;
  return text;
}

}  // namespace

struct FileWatch::Impl : std::enable_shared_from_this<FileWatch::Impl> {
  Impl(boost::asio::io_context& context, EndpointFile f, Listener l)
      : executor{context.get_executor()},
        file{std::move(f)},
        folder{file.path.substr(0, std::max<std::size_t>(1, file.path.rfind('/')))},
        listener{std::move(l)},
        pause{executor},
        events{executor} {}

  net::Executor executor;
  EndpointFile file;
  std::string folder;
  Listener listener;
  net::Timer pause;
  Descriptor events;
  std::optional<std::string> told;  // the content that was told last
  std::string fault;                // or the fault
  bool waits{false};
  bool settling{false};
  bool stopped{false};

  /// Watches the folder as it is now; again each time, for it may have been replaced.
  void watch() {
    if (!events.is_open()) {
      const int queue = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
      if (queue < 0) return;  // kRecheck has to do
      events.assign(queue);
    }
    // Of a folder that is watched already it only sets the same mask once more.
    ::inotify_add_watch(events.native_handle(), folder.c_str(), kEvents);
    if (std::exchange(waits, true)) return;
    events.async_wait(Descriptor::wait_read,
                      [self = shared_from_this()](boost::system::error_code aborted) {
                        self->waits = false;
                        if (!aborted && !self->stopped) self->on_event();
                      });
  }

  /// Which file it was does not matter: a link to the file may lead through others.
  void on_event() {
    std::array<char, 4096> ignored;
    while (::read(events.native_handle(), ignored.data(), ignored.size()) > 0) {
    }
    settling = true;
    pause.cancel();  // wakes `run`
  }

  static net::Awaitable<> run(std::shared_ptr<Impl> self) {
    while (!self->stopped) {
      self->watch();
      self->look();
      if (self->stopped) co_return;
      self->pause.expires_after(kRecheck);
      co_await self->pause.async_wait(net::kToken);
      if (!std::exchange(self->settling, false) || self->stopped) continue;
      self->pause.expires_after(kSettle);
      co_await self->pause.async_wait(net::kToken);
    }
  }

  void look() {
    std::string unreadable;
    auto text = read_file(file.path, unreadable);
    if (!text) {
      told.reset();
      return tell_fault(file.path + ": " + unreadable);
    }
    if (told == *text) return;
    auto parsed = parse_endpoints(*text);
    told = std::move(*text);
    if (parsed) {
      fault.clear();
      listener.on_found(std::move(*parsed));
      return;
    }
    const auto& bad = parsed.error();
    tell_fault(file.path + (bad.line > 0 ? ':' + std::to_string(bad.line) : std::string{}) + ": " +
               bad.what);
  }

  void tell_fault(std::string text) {
    if (text == fault) return;
    fault = std::move(text);
    listener.on_failed(fault);
  }

  void stop() {
    stopped = true;
    pause.cancel();
    boost::system::error_code ignored;
    events.close(ignored);
  }
};

FileWatch::FileWatch(boost::asio::io_context& context, EndpointFile file, Listener listener)
    : impl_{std::make_shared<Impl>(context, std::move(file), std::move(listener))} {
  boost::asio::co_spawn(impl_->executor, Impl::run(impl_), boost::asio::detached);
}

FileWatch::~FileWatch() { impl_->stop(); }

}  // namespace lb::discovery
