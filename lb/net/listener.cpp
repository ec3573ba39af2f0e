#include "lb/net/listener.hpp"

#include "lb/net/stream.hpp"

#include <sys/socket.h>

namespace lb::net {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

common::Result<Acceptor> listen(asio::io_context& context, const ListenerOptions& options) {
  const auto endpoint = to_asio(options.address);
  Acceptor acceptor{context.get_executor()};
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address{true}, error);
  if (!error) acceptor.set_option(ReusePort{true}, error);
  // Inherited by every connection accepted here.
  if (!error) acceptor.set_option(asio::ip::tcp::no_delay{true}, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(options.backlog, error);
  if (error) return error;
  return acceptor;
}

bool is_exhaustion(const boost::system::error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
         error == asio::error::no_memory ||
         error == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace lb::net
