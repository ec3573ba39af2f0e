#pragma once

#include "common/address.hpp"
#include "common/result.hpp"
#include "lb/net/asio.hpp"

namespace lb::net {

struct ListenerOptions {
  common::SocketAddress address{common::IpAddress{}, 80};
  int backlog{4096};  // the kernel cuts it to net.core.somaxconn
};

/// A listening socket of one worker; all workers listen on the same address (SO_REUSEPORT) and the
/// kernel spreads connections over them.
common::Result<Acceptor> listen(asio::io_context& context, const ListenerOptions& options);

/// Accepting failed because the process or the system has no more descriptors or memory: it makes
/// no sense to try again at once.
bool is_exhaustion(const boost::system::error_code& error);

}  // namespace lb::net
