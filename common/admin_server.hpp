#pragma once

#include "common/admin_address.hpp"
#include "common/admin_guard.hpp"
#include "common/admin_layer.hpp"
#include "common/admin_routes.hpp"
#include "common/result.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace common {

/// The operator's door of a daemon: a small HTTP/1.1 server (Boost.Beast) for /metrics, /healthz,
/// /readyz and the like, and for what changes the daemon, on listeners of its own: TCP or Unix
/// sockets. An unknown path is 404, another method 405. Not on any hot path.
///
/// Whatever is not GET or HEAD needs the guard's token and the right origin; a GET never changes
/// anything. Everything runs inside the io_context.
class AdminServer {
 public:
  static constexpr std::size_t kMostConnections = 64;  // at one address; one more is closed at once
  static constexpr std::size_t kMostStreams = 16;      // of events, among them
  static constexpr std::size_t kLargestRequest = 8 * 1024;  // octets of head
  static constexpr std::size_t kLargestContent = 64 * 1024;
  static constexpr std::size_t kMostUnsent = 1024 * 1024;  // octets; a slower reader is dropped
  static constexpr auto kIdleLimit = std::chrono::seconds{10};
  static constexpr auto kHeartbeat = std::chrono::seconds{15};

  using Handler = std::function<AdminAnswer()>;

  explicit AdminServer(boost::asio::io_context& context);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// A page for everybody, whatever the Host. Routes come before `listen`.
  void route(std::string path, Handler handler);
  /// `pattern` as in AdminRoutes: `/api/v1/upstreams/{}/endpoints`.
  void route(std::string method, std::string_view pattern, AdminRoutes::Handler handler);
  /// Server-Sent Events. `source` is asked at once for a new reader and every `interval` while
  /// anybody reads; what it gives then goes to all of them.
  void stream(std::string_view pattern, std::chrono::milliseconds interval,
              AdminRoutes::Source source);
  /// The same for a state: sent to a new reader, and to all when it is another than before. For
  /// everybody, whatever the Host.
  void watch(std::string_view pattern, std::chrono::milliseconds interval,
             AdminRoutes::Source source);
  /// What is streamed has changed: the sources are asked now.
  void refresh();
  /// Also while serving: a reload may bring another token.
  void guard(AdminGuard guard);

  /// Binds and serves until `stop()`. Port 0 lets the kernel choose; returns the address in use.
  Result<SocketAddress> listen(const SocketAddress& address);
  /// A Unix socket is made with mode 0660 and replaces one that nobody listens on any more.
  /// `layer`, if any, is put on every connection.
  Result<AdminAddress> listen(const AdminAddress& address, AdminLayerMaker layer = {});
  /// Serves a socket that listens already, such as one from the process before us; owns it.
  /// `ours`: nobody else holds it any longer, the path of a Unix socket goes with us.
  Result<AdminAddress> adopt(int descriptor, bool ours = false, AdminLayerMaker layer = {});
  /// Of the listening sockets, for the process after us.
  std::vector<int> descriptors() const;
  /// No new connections; streams end, an answer under way goes on. The path of a Unix socket is
  /// removed unless `hand_over`: then it belongs to the process after us.
  void stop(bool hand_over = false);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace common
