#pragma once

#include "common/bytes.hpp"
#include "vrrpd/link/descriptor.hpp"
#include "vrrpd/packet/types.hpp"

#include <array>

namespace vrrp::link {

/// Whole frames that say where an address is: ARP, or neighbour advertisements. Those of this host
/// are not among them.
class ClaimSocket {
 public:
  /// Needs CAP_NET_RAW.
  static common::Result<ClaimSocket> open(int interface_index, Family family);

  int descriptor() const { return socket_.number(); }
  /// The next frame that has arrived, valid until the next call; an error of `would_block` when
  /// there is none. Never waits.
  common::Result<common::Octets> receive();

 private:
  explicit ClaimSocket(Descriptor socket) : socket_{std::move(socket)} {}

  Descriptor socket_;
  std::array<std::uint8_t, 256> buffer_{};  // what follows is not looked at
};

}  // namespace vrrp::link
