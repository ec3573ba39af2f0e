#pragma once

#include "vrrpd/link/arrival.hpp"
#include "vrrpd/link/descriptor.hpp"
#include "vrrpd/packet/receive_checks.hpp"

#include <array>
#include <string>

struct msghdr;

namespace vrrp::link {

struct Received {
  packet::Datagram
      datagram;  // its message points into the socket's buffer: valid until the next `receive`
  common::TimePoint arrived_at;  // by the kernel's time stamp, so that our lateness is not mistaken
                                 // for the sender's
};

/// Protocol 112 of one family on one interface: multicast and unicast in and out, TTL or hop limit
/// 255 (RFC 9568 §5.1.1, §5.1.2).
class VrrpSocket {
 public:
  /// Needs CAP_NET_RAW.
  static common::Result<VrrpSocket> open(const std::string& interface, int index, Family family);
  /// One that an earlier run opened so, with what has arrived since; an error when it is something
  /// else, or another interface's.
  static common::Result<VrrpSocket> adopt(Descriptor socket, const std::string& interface,
                                          int index, Family family);

  const Descriptor& descriptor() const { return socket_; }
  /// Nothing that arrived since it was opened was dropped for want of room.
  bool missed_nothing() const;
  /// The next datagram that has arrived; an error of `would_block` when there is none. Never waits.
  common::Result<Received> receive();
  /// Sends from `source`, which must be an address of the interface, to the group or a peer.
  common::Result<void> send(common::Octets message, const common::IpAddress& source,
                            const common::IpAddress& destination);

 private:
  VrrpSocket(Descriptor socket, int index, Family family)
      : socket_{std::move(socket)}, index_{index}, family_{family} {}
  common::TimePoint arrival(msghdr& header);
  void read_ipv4_header(Received& received, common::Octets octets) const;
  void read_ipv6_control(Received& received, msghdr& header) const;

  Descriptor socket_;
  int index_;
  Family family_;
  Arrival arrival_;
  std::array<std::uint8_t, 4608>
      buffer_{};  // the largest message is 8 + 16 * 255 octets; a trailer may follow
};

}  // namespace vrrp::link
