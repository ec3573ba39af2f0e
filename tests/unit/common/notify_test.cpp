#include "common/notify.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace common {
namespace {

/// systemd's end of the notification socket, in the abstract name space.
class Supervisor {
 public:
  Supervisor() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name_ = "@mainstay-notify-" + std::to_string(getpid());
    std::memcpy(address.sun_path, name_.data(), name_.size());
    address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    setenv("NOTIFY_SOCKET", name_.c_str(), 1);
  }
  ~Supervisor() {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(socket_);
  }
  std::string heard() const {
    std::array<char, 256> text{};
    const auto size = recv(socket_, text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
  }

 private:
  int socket_{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  std::string name_;
};

TEST_CASE("systemd hears of readiness and of the end", "[common][notify]") {
  const Supervisor supervisor;
  notify_ready("serving");
  CHECK(supervisor.heard() == "READY=1\nSTATUS=serving");
  notify_stopping();
  CHECK(supervisor.heard() == "STOPPING=1");
}

TEST_CASE("The watchdog is fed from inside the event loop", "[common][notify]") {
  const Supervisor supervisor;
  setenv("WATCHDOG_USEC", "2000", 1);
  boost::asio::io_context context;
  Watchdog watchdog{context};
  CHECK(supervisor.heard() == "WATCHDOG=1");
  context.run_one();
  CHECK(supervisor.heard() == "WATCHDOG=1");
  watchdog.stop();
  context.run();  // returns: nothing is left to wait for
}

}  // namespace
}  // namespace common
