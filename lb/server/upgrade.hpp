#pragma once

#include "common/result.hpp"
#include "lb/net/descriptor.hpp"
#include "lb/server/invocation.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lb::server {

/// A descriptor for the new process, under a name of InheritedSockets.
struct HandedSocket {
  std::string name;
  net::Descriptor socket;
};

/// Starts the binary that lies on disk now as a child which inherits our listening sockets
/// (LISTEN_FDS), and waits until it serves. Both may accept for a moment: nobody is refused.
class Upgrade {
 public:
  static constexpr auto kMostStartTime = std::chrono::seconds{30};
  static constexpr std::size_t kLongestReason = 4096;  // octets of what a failing child says

  /// The child's process, which serves; or why there is none.
  using Done = std::function<void(const common::Result<pid_t, std::string>&)>;

  explicit Upgrade(boost::asio::io_context& context) : pipe_{context}, limit_{context} {}

  bool under_way() const { return child_ > 0; }
  /// `done` is called from the io_context, never from within.
  void start(const Invocation& invocation, std::vector<HandedSocket> sockets, Done done);
  /// The child is ended, and `done` told so.
  void abandon();

 private:
  void read();
  void on_end();
  void finish(common::Result<pid_t, std::string> result);

  boost::asio::posix::stream_descriptor pipe_;
  boost::asio::steady_timer limit_;
  pid_t child_{-1};
  bool late_{false};
  std::array<char, 512> chunk_{};
  std::string said_;
  Done done_;
};

}  // namespace lb::server
