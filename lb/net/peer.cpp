#include "lb/net/peer.hpp"

#include "lb/net/stream.hpp"

#include <algorithm>
#include <array>

namespace lb::net {

common::IpAddress unmapped(const common::IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const auto& octets = address.octets();
  if (address.is_v4() || !std::equal(kMapped.begin(), kMapped.end(), octets.begin()))
    return address;
  std::uint32_t value = 0;
  for (std::size_t at = kMapped.size(); at < octets.size(); ++at) value = value << 8U | octets[at];
  return common::IpAddress::v4(value);
}

common::SocketAddress end_of(const asio::ip::tcp::endpoint& endpoint) {
  auto address = from_asio(endpoint);
  address.ip = unmapped(address.ip);
  return address;
}

}  // namespace lb::net
