#include "vrrpd/link/claim_socket.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>

namespace vrrp::link {
namespace {

/// ICMPv6 (58) of type 136 directly after the IPv6 header; the kernel drops the rest unseen, which
/// is all the traffic of the node.
std::array<sock_filter, 6> advertisements_only() {
  constexpr unsigned kNextHeaderAt = 14 + 6;
  constexpr unsigned kTypeAt = 14 + 40;
  return {sock_filter{BPF_LD | BPF_B | BPF_ABS, 0, 0, kNextHeaderAt},
          sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 58},
          sock_filter{BPF_LD | BPF_B | BPF_ABS, 0, 0, kTypeAt},
          sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 136},
          sock_filter{BPF_RET | BPF_K, 0, 0, 0xFFFF},
          sock_filter{BPF_RET | BPF_K, 0, 0, 0}};
}

}  // namespace

common::Result<ClaimSocket> ClaimSocket::open(int interface_index, Family family) {
  // Bound only when it filters, so that nothing else gets in first.
  Descriptor socket{::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.number() < 0) return last_error();
  if (family == Family::V6) {
    auto program = advertisements_only();
    const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                            .filter = program.data()};
    if (const auto set = set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, filter); !set)
      return set.error();
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(family == Family::V6 ? ETH_P_IPV6 : ETH_P_ARP);
  address.sll_ifindex = interface_index;
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0)
    return last_error();
  return ClaimSocket{std::move(socket)};
}

common::Result<common::Octets> ClaimSocket::receive() {
  const auto size = ::recv(socket_.number(), buffer_.data(), buffer_.size(), 0);
  if (size < 0) return last_error();
  return common::Octets{buffer_}.first(static_cast<std::size_t>(size));
}

}  // namespace vrrp::link
