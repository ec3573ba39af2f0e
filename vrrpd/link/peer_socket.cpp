#include "vrrpd/link/peer_socket.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

namespace vrrp::link {
namespace {

constexpr int kTimeToLive = 255;
constexpr int kInternetworkControl = 0xC0;
constexpr int kMostStrangersATurn = 64;  // skipped before the event loop has its turn again

int ttl_of(msghdr& header) {
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != IPPROTO_IP || part->cmsg_type != IP_TTL) continue;
    int ttl = 0;
    std::memcpy(&ttl, CMSG_DATA(part), sizeof(ttl));
    return ttl;
  }
  return 0;
}

}  // namespace

common::Result<PeerSocket> PeerSocket::open(const std::string& interface, std::uint16_t port) {
  Descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.number() < 0) return last_error();
  if (::setsockopt(socket.number(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) < 0)
    return last_error();
  const int on = 1;
  for (const auto& [level, option, value] : {std::tuple{SOL_SOCKET, SO_REUSEADDR, on},
                                             {IPPROTO_IP, IP_RECVTTL, on},
                                             {IPPROTO_IP, IP_TTL, kTimeToLive},
                                             {IPPROTO_IP, IP_TOS, kInternetworkControl}})
    if (const auto set = set_option(socket, level, option, value); !set) return set.error();
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(port);
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&any), sizeof(any)) < 0)
    return last_error();
  return PeerSocket{std::move(socket), port};
}

common::Result<PeerSocket::Received> PeerSocket::receive() {
  for (int i = 0; i < kMostStrangersATurn; ++i) {
    sockaddr_in from{};
    iovec part{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
    alignas(cmsghdr) std::array<std::uint8_t, 64> control{};
    msghdr header{};
    header.msg_name = &from;
    header.msg_namelen = sizeof(from);
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const auto size = ::recvmsg(socket_.number(), &header, 0);
    if (size < 0) return last_error();
    if (ttl_of(header) != kTimeToLive || (header.msg_flags & MSG_TRUNC) != 0) continue;
    return Received{common::IpAddress::v4(ntohl(from.sin_addr.s_addr)),
                    common::Octets{buffer_}.first(static_cast<std::size_t>(size))};
  }
  return {boost::system::errc::make_error_code(boost::system::errc::operation_would_block)};
}

common::Result<void> PeerSocket::send(common::Octets message, const common::IpAddress& source,
                                      const common::IpAddress& to) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port_);
  where.sin_addr.s_addr = htonl(to.to_v4());
  iovec part{.iov_base = const_cast<std::uint8_t*>(message.data()), .iov_len = message.size()};
  // From the primary address: by it the peer knows us.
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in_pktinfo))> control{};
  msghdr header{};
  header.msg_name = &where;
  header.msg_namelen = sizeof(where);
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  auto* const info_part = CMSG_FIRSTHDR(&header);
  info_part->cmsg_level = IPPROTO_IP;
  info_part->cmsg_type = IP_PKTINFO;
  info_part->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo info{};
  info.ipi_spec_dst.s_addr = htonl(source.to_v4());
  std::memcpy(CMSG_DATA(info_part), &info, sizeof(info));
  if (::sendmsg(socket_.number(), &header, MSG_DONTWAIT) < 0) return last_error();
  return {};
}

}  // namespace vrrp::link
