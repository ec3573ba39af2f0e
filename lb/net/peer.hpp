#pragma once

#include "common/address.hpp"
#include "lb/net/asio.hpp"

namespace lb::net {

/// `::ffff:a.b.c.d` as the IPv4 address it is: so a listener on `[::]` sees IPv4 clients, and so
/// proxies in front of us may write them.
common::IpAddress unmapped(const common::IpAddress& address);

/// One end of a connection, as everything behind it knows it.
common::SocketAddress end_of(const asio::ip::tcp::endpoint& endpoint);

}  // namespace lb::net
