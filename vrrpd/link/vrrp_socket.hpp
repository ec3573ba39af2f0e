#pragma once

#include "common/time.hpp"
#include "vrrpd/link/descriptor.hpp"
#include "vrrpd/packet/receive_checks.hpp"

#include <array>
#include <string>

namespace vrrp::link {

struct Received {
  packet::Datagram
      datagram;  // its message points into the socket's buffer: valid until the next `receive`
  common::TimePoint arrived_at;  // by the kernel's time stamp, so that our lateness is not mistaken
                                 // for the sender's
};

/// Protocol 112 on one interface: multicast in and out, TTL 255 (RFC 9568 §5.1.1).
class VrrpSocket {
 public:
  /// Needs CAP_NET_RAW.
  static common::Result<VrrpSocket> open(const std::string& interface, int index);

  int descriptor() const { return socket_.number(); }
  /// The next datagram that has arrived; an error of `would_block` when there is none. Never waits.
  common::Result<Received> receive();
  /// Sends to 224.0.0.18 from `source`, which must be an address of the interface.
  common::Result<void> send(common::Octets message, const common::IpAddress& source);

 private:
  VrrpSocket(Descriptor socket, int index) : socket_{std::move(socket)}, index_{index} {}

  Descriptor socket_;
  int index_;
  std::array<std::uint8_t, 2048>
      buffer_{};  // the largest message is 60 + 8 + 4 * 255 octets; a trailer may follow
};

}  // namespace vrrp::link
