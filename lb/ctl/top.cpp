#include "lb/ctl/top.hpp"

#include "lb/ctl/render.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace lb::ctl {
namespace {

using common::Paint;
using common::width_of;

std::atomic<bool> interrupted{false};  // lock-free, so that a signal may set it

constexpr std::array kEnding{SIGINT, SIGTERM, SIGHUP};

/// The other screen, no cursor, keys one by one; all as before when it goes.
class Screen {
 public:
  Screen() {
    for (const int signal : kEnding) std::signal(signal, [](int) { interrupted = true; });
    struct sigaction resized {};  // only wakes poll()
    resized.sa_handler = [](int) {};
    ::sigaction(SIGWINCH, &resized, nullptr);
    keys_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (keys_) {
      auto now = before_;
      now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
    }
    put("\x1b[?1049h\x1b[?25l");
  }
  ~Screen() {
    put("\x1b[?25h\x1b[?1049l");
    if (keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    for (const int signal : kEnding) std::signal(signal, SIG_DFL);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// As much as there is room for.
  static void show(const std::string& text) {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) size = {24, 80, 0, 0};
    std::string out = "\x1b[H";
    std::size_t line = 0;
    for (std::size_t at = 0; at < text.size() && line + 1 < size.ws_row; ++line) {
      const auto end = std::min(text.find('\n', at), text.size());
      out += cut(text.substr(at, end - at), size.ws_col) + "\x1b[K\r\n";
      at = end + 1;
    }
    put(out + "\x1b[J");
  }

 private:
  static std::string cut(const std::string& line, std::size_t columns) {
    if (width_of(line) <= columns) return line;
    std::string out;
    for (std::size_t i = 0; i < line.size();) {
      std::size_t length = 1;
      if (line[i] == '\x1b')
        length = line.find('m', i) - i + 1;
      else
        while (i + length < line.size() && (line[i + length] & '\xC0') == '\x80') ++length;
      const auto piece = line.substr(i, length);
      if (width_of(out) + width_of(piece) > columns) break;
      out += piece;
      i += length;
    }
    return out + "\x1b[0m";
  }
  static void put(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  termios before_{};
  bool keys_{false};
};

/// True when it is time to leave.
bool wait(std::chrono::milliseconds interval) {
  pollfd keys{STDIN_FILENO, POLLIN, 0};
  const int found = ::poll(&keys, 1, static_cast<int>(interval.count()));
  if (interrupted) return true;
  if (found <= 0) return false;
  char key = 0;
  const auto count = ::read(STDIN_FILENO, &key, 1);
  return count == 0 || (count < 0 && errno != EINTR) || key == 'q' || key == 'Q';
}

}  // namespace

Exit run_top(const common::AdminClient& client, std::chrono::milliseconds interval) {
  auto said = client.ask("GET", "/api/v1/status");
  if (!said) {
    std::fprintf(stderr, "lbctl: %s\n", said.error().c_str());
    return Exit::Unreachable;
  }
  if (::isatty(STDOUT_FILENO) == 0) {
    std::fputs(render_status(said->json, {}).c_str(), stdout);
    return Exit::Done;
  }
  const Paint paint{true};
  const Screen screen;
  bool leaving = false;
  while (!leaving) {
    const auto text = said ? render_status(said->json, paint) + '\n' +
                                 render_errors(said->json.at("errors"), paint, 10)
                           : paint.bad(said.error()) + "\ntrying again\n";
    Screen::show(text);
    leaving = wait(interval);
    if (!leaving) said = client.ask("GET", "/api/v1/status");
  }
  return Exit::Done;
}

}  // namespace lb::ctl
