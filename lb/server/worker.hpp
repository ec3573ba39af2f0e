#pragma once

#include "common/result.hpp"
#include "lb/config/snapshot.hpp"
#include "lb/proxy/worker_context.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace lb::server {

/// One thread with its own event loop, listening sockets, sessions and warm connections. Others
/// speak to it only by `post`ed values.
class Worker {
 public:
  /// May throw std::system_error (access log). `on_empty` is called once, from the worker's thread,
  /// when it has nothing left to do after `stop_accepting`.
  Worker(std::size_t number, std::shared_ptr<const config::Snapshot> snapshot,
         std::shared_ptr<telemetry::WorkerCounters> counters, std::function<void()> on_empty);
  ~Worker();

  /// Before `start`. Port 0 lets the kernel choose; gives the address in use.
  common::Result<common::SocketAddress> listen(const net::ListenerOptions& options);
  void start();

  // From any thread:
  void set_usable(std::size_t upstream, std::size_t endpoint, bool usable);
  /// Serves as ever, but every answer ends its connection.
  void offer_close();
  /// Takes no new connection, ends idle ones, tells the others with their next answer.
  void stop_accepting();
  /// Cuts what is left.
  void cut();

 private:
  void serve(net::Socket&& socket, const net::asio::ip::tcp::endpoint& peer);
  void empty_backlog(net::Acceptor& acceptor);
  net::Awaitable<> accept(net::Acceptor& acceptor);
  net::Awaitable<> tick();
  bool is_full() const;

  std::shared_ptr<const config::Snapshot> snapshot_;
  std::function<void()> on_empty_;
  net::asio::io_context context_;
  proxy::WorkerContext shared_;
  std::vector<std::unique_ptr<net::Acceptor>> acceptors_;
  net::Timer tick_timer_;
  std::thread thread_;
};

}  // namespace lb::server
