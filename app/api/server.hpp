#pragma once

#include "app/api/api_options.hpp"
#include "app/api/lifecycle.hpp"
#include "app/api/metrics.hpp"
#include "app/api/problem.hpp"
#include "app/api/route_table.hpp"
#include "common/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>

namespace booking::api {

/// Makes the answer to what has no handler: no such path, a method that does not fit, a request
/// that could not be read.
using Refuse = std::function<Response(const Request&, const Problem&)>;

/// The HTTP/1.1 listener: a coroutine a connection, all on one io_context.
class Server {
 public:
  Server(boost::asio::io_context& context, const ApiOptions& options, const RouteTable& routes,
         Metrics& metrics, Lifecycle& lifecycle, Refuse refuse);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and serves; port 0 lets the kernel choose. Returns the address in use. Throws what is
  /// wrong with the files of TLS.
  common::Result<common::SocketAddress> listen();

  /// Reads the files of TLS again; faulty ones are logged, and what was in use stays.
  void renew();

  /// Leaves in good order: readiness off, the announcement's time, no more accepting, requests
  /// under way to their end, then whatever is left is cut. Resumes when no connection is open.
  boost::asio::awaitable<void> drain();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace booking::api
