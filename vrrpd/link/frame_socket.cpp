#include "vrrpd/link/frame_socket.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>

namespace vrrp::link {

common::Result<FrameSocket> FrameSocket::open(int interface_index) {
  // Protocol 0: the kernel delivers nothing to it.
  Descriptor socket{::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.number() < 0) return last_error();
  return FrameSocket{std::move(socket), interface_index};
}

common::Result<void> FrameSocket::send(common::Octets frame) {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(common::load_big_endian<std::uint16_t>(frame.subspan<2 * ETH_ALEN, 2>()));
  to.sll_ifindex = index_;
  to.sll_halen = ETH_ALEN;
  std::ranges::copy(frame.first(ETH_ALEN), std::begin(to.sll_addr));
  const auto sent = ::sendto(socket_.number(), frame.data(), frame.size(), MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  if (sent < 0) return last_error();
  return {};
}

}  // namespace vrrp::link
