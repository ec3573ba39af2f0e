#pragma once

#include "common/address.hpp"
#include "common/bytes.hpp"
#include "vrrpd/link/descriptor.hpp"
#include "vrrpd/packet/types.hpp"

#include <array>
#include <string>

namespace vrrp::link {

/// All hosts of a LAN, whatever its switches know of groups.
common::IpAddress everybody(Family family);

/// UDP between routers on one LAN, TTL or hop limit 255 both ways: what has crossed a router is not
/// for us (RFC 5082).
class PeerSocket {
 public:
  static constexpr std::size_t kLargestMessage = 512;  // octets; longer ones are not for us
  struct Received {
    common::IpAddress source;
    common::Octets message;  // valid until the next `receive`
  };

  /// Needs CAP_NET_RAW for the binding to the interface.
  static common::Result<PeerSocket> open(const std::string& interface, int interface_index,
                                         Family family, std::uint16_t port);

  int descriptor() const { return socket_.number(); }
  /// The next that has arrived with TTL 255; an error of `would_block` when there is none. Never
  /// waits.
  common::Result<Received> receive();
  common::Result<void> send(common::Octets message, const common::IpAddress& source,
                            const common::IpAddress& to);

 private:
  PeerSocket(Descriptor socket, int interface_index, std::uint16_t port)
      : socket_{std::move(socket)}, interface_index_{interface_index}, port_{port} {}

  Descriptor socket_;
  int interface_index_;
  std::uint16_t port_;
  std::array<std::uint8_t, kLargestMessage> buffer_{};
};

}  // namespace vrrp::link
