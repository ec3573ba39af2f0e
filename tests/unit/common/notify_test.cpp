#include "common/notify.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
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

  /// What came with the next words; nothing when that was no descriptor.
  std::optional<int> handed() const {
    std::array<char, 256> text{};
    iovec part{.iov_base = text.data(), .iov_len = text.size()};
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    REQUIRE(recvmsg(socket_, &message, MSG_CMSG_CLOEXEC) > 0);
    const auto* const head = CMSG_FIRSTHDR(&message);
    if (head == nullptr || head->cmsg_type != SCM_RIGHTS) return std::nullopt;
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
    return descriptor;
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

TEST_CASE("A descriptor goes to systemd with the words about it, and stays open here",
          "[common][notify]") {
  const Supervisor supervisor;
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  notify_manager("FDSTORE=1\nFDNAME=one", ends[1]);
  notify_manager("FDSTOREREMOVE=1\nFDNAME=one");
  const auto handed = supervisor.handed();
  REQUIRE(handed);
  CHECK_FALSE(supervisor.handed());
  std::array<char, 2> read_back{};
  CHECK(write(*handed, "a", 1) == 1);
  CHECK(write(ends[1], "b", 1) == 1);
  CHECK(read(ends[0], read_back.data(), 1) == 1);
  CHECK(read(ends[0], read_back.data() + 1, 1) == 1);
  CHECK(read_back == std::array{'a', 'b'});
  for (const int end : {ends[0], ends[1], *handed}) close(end);
}

TEST_CASE("Words for a manager that is not there, or has a name too long, go nowhere",
          "[common][notify]") {
  for (const auto& name : {std::string{}, std::string{"relative"}, std::string{"/nowhere"},
                           "@" + std::string(sizeof(sockaddr_un), 'n')}) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    CHECK_NOTHROW(notify_manager("READY=1", 0));
  }
  unsetenv("NOTIFY_SOCKET");
  CHECK_NOTHROW(notify_manager("READY=1"));
}

TEST_CASE("A manager that reads nothing holds nobody up", "[common][notify]") {
  const Supervisor supervisor;
  constexpr int kMoreThanAQueueHolds = 4096;
  for (int i = 0; i < kMoreThanAQueueHolds; ++i) notify_manager("WATCHDOG=1");
  notify_manager("READY=1", -1, std::chrono::milliseconds{1});
  CHECK(supervisor.heard() == "WATCHDOG=1");
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
