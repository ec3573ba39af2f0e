#pragma once

#include "common/address.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace vrrp::tracking {

inline boost::asio::ip::address to_asio(const common::IpAddress& address) {
  if (address.is_v4()) return boost::asio::ip::address_v4{address.to_v4()};
  return boost::asio::ip::address_v6{address.octets()};
}

inline boost::asio::ip::tcp::endpoint to_endpoint(const common::SocketAddress& address) {
  return {to_asio(address.ip), address.port};
}

}  // namespace vrrp::tracking
