#pragma once

#include "common/address.hpp"
#include "common/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace common {

struct AdminAnswer {
  unsigned status{200};
  std::string content_type{"text/plain; charset=utf-8"};
  std::string body;
};

/// The operator's door of a daemon: a small HTTP/1.1 server (Boost.Beast) for /metrics, /healthz,
/// /readyz and the like, on a listener of its own. GET and HEAD only; an unknown path is 404,
/// another method 405. Not on any hot path.
class AdminServer {
 public:
  static constexpr std::size_t kMostConnections = 64;       // one more is closed at once
  static constexpr std::size_t kLargestRequest = 8 * 1024;  // octets of head
  static constexpr auto kIdleLimit = std::chrono::seconds{10};

  using Handler = std::function<AdminAnswer()>;

  explicit AdminServer(boost::asio::io_context& context);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Call before `listen`. Handlers run inside the io_context.
  void route(std::string path, Handler handler);
  /// Binds and serves until `stop()`. Port 0 lets the kernel choose; returns the address in use.
  Result<SocketAddress> listen(const SocketAddress& address);
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace common
