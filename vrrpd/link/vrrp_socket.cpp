#include "vrrpd/link/vrrp_socket.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

namespace vrrp::link {
namespace {

constexpr int kProtocol = 112;
constexpr int kTimeToLive = 255;
constexpr int kInternetworkControl = 0xC0;  // IP precedence, as routing protocols use it
/// A stamp older than this comes from a clock that was set, not from a late reader.
constexpr auto kOldestStamp = std::chrono::seconds{60};

in_addr to_in_addr(const common::IpAddress& address) { return {htonl(address.to_v4())}; }

/// The kernel stamps with the clock of people; what counts is how long ago.
common::TimePoint arrival(msghdr& header) {
  const auto now = common::Clock::now();
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
    timespec wall{};
    ::clock_gettime(CLOCK_REALTIME, &wall);
    const auto age = std::chrono::seconds{wall.tv_sec - stamp.tv_sec} +
                     std::chrono::nanoseconds{wall.tv_nsec - stamp.tv_nsec};
    if (age > common::Duration::zero() && age < kOldestStamp) return now - age;
  }
  return now;
}

common::Result<void> set_up(const Descriptor& socket, const std::string& interface, int index) {
  if (::setsockopt(socket.number(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) < 0)
    return last_error();
  ip_mreqn membership{};
  membership.imr_multiaddr = to_in_addr(packet::multicast_group());
  membership.imr_ifindex = index;
  const int off = 0;
  const int on = 1;
  for (const auto& [level, option, value] : {std::tuple{SOL_SOCKET, SO_TIMESTAMPNS, on},
                                             {IPPROTO_IP, IP_MULTICAST_ALL, off},
                                             {IPPROTO_IP, IP_MULTICAST_LOOP, off},
                                             {IPPROTO_IP, IP_MULTICAST_TTL, kTimeToLive},
                                             {IPPROTO_IP, IP_TOS, kInternetworkControl}})
    if (const auto set = set_option(socket, level, option, value); !set) return set;
  if (const auto set = set_option(socket, IPPROTO_IP, IP_MULTICAST_IF, membership); !set)
    return set;
  return set_option(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership);
}

}  // namespace

common::Result<VrrpSocket> VrrpSocket::open(const std::string& interface, int index) {
  Descriptor socket{::socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, kProtocol)};
  if (socket.number() < 0) return last_error();
  if (const auto done = set_up(socket, interface, index); !done) return done.error();
  return VrrpSocket{std::move(socket), index};
}

common::Result<Received> VrrpSocket::receive() {
  iovec part{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
  alignas(cmsghdr) std::array<std::uint8_t, 128> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const auto size = ::recvmsg(socket_.number(), &header, 0);
  if (size < 0) return last_error();

  // A raw IPv4 socket hands over the IP header too; the kernel has checked its version, length and
  // checksum.
  Received received{.datagram = {}, .arrived_at = arrival(header)};
  const auto octets = common::Octets{buffer_}.first(static_cast<std::size_t>(size));
  if (octets.size() < sizeof(iphdr)) return received;
  const auto address = [&octets](std::size_t at) {
    return common::IpAddress::v4(
        common::load_big_endian<std::uint32_t>(octets.subspan(at).first<4>()));
  };
  received.datagram.time_to_live = octets[offsetof(iphdr, ttl)];
  received.datagram.source = address(offsetof(iphdr, saddr));
  received.datagram.destination = address(offsetof(iphdr, daddr));
  const std::size_t header_octets = (octets[0] & 0x0FU) * std::size_t{4};
  received.datagram.message = octets.subspan(std::min(header_octets, octets.size()));
  return received;
}

common::Result<void> VrrpSocket::send(common::Octets message, const common::IpAddress& source) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr = to_in_addr(packet::multicast_group());
  // sendmsg(2) does not write to what it sends; its interface is older than const.
  iovec part{.iov_base = const_cast<std::uint8_t*>(message.data()), .iov_len = message.size()};

  // The source is said, not left to the kernel: it must be the primary address and no virtual one.
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in_pktinfo))> control{};
  msghdr header{};
  header.msg_name = &to;
  header.msg_namelen = sizeof(to);
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  auto* const info_part = CMSG_FIRSTHDR(&header);
  info_part->cmsg_level = IPPROTO_IP;
  info_part->cmsg_type = IP_PKTINFO;
  info_part->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo info{};
  info.ipi_ifindex = index_;
  info.ipi_spec_dst = to_in_addr(source);
  std::memcpy(CMSG_DATA(info_part), &info, sizeof(info));

  if (::sendmsg(socket_.number(), &header, MSG_DONTWAIT) < 0) return last_error();
  return {};
}

}  // namespace vrrp::link
