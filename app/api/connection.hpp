#pragma once

#include "app/api/api_options.hpp"
#include "app/api/metrics.hpp"
#include "app/api/problem.hpp"
#include "app/api/route_table.hpp"
#include "app/api/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace booking::api {

/// What all connections of a server use; outlives each of them.
struct ConnectionContext {
  const ApiOptions& options;
  const RouteTable& routes;
  Metrics& metrics;
  Refuse refuse;
};

/// One client's connection, from accept to close.
class Connection {
 public:
  Connection(std::shared_ptr<const ConnectionContext> context, boost::asio::ip::tcp::socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  boost::asio::awaitable<void> run();
  /// Closes now when no request is under way, else after its answer.
  void finish();
  /// Closes now.
  void cut();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace booking::api
