#include "vrrpd/link/peer_socket.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>
#include <tuple>

namespace vrrp::link {
namespace {

constexpr int kTimeToLive = 255;
constexpr int kInternetworkControl = 0xC0;
constexpr int kMostStrangersATurn = 64;  // skipped before the event loop has its turn again

struct Name {
  sockaddr_storage storage{};
  socklen_t size{0};
  sockaddr* plain() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// An IPv6 one is link-local: it means an address of that interface.
Name name_of(const common::IpAddress& ip, std::uint16_t port, int interface_index) {
  Name name;
  if (ip.is_v6()) {
    auto& out = *reinterpret_cast<sockaddr_in6*>(&name.storage);
    out.sin6_family = AF_INET6;
    out.sin6_port = htons(port);
    out.sin6_scope_id = static_cast<std::uint32_t>(interface_index);
    std::memcpy(&out.sin6_addr, ip.octets().data(), sizeof(out.sin6_addr));
    name.size = sizeof(out);
  } else {
    auto& out = *reinterpret_cast<sockaddr_in*>(&name.storage);
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(ip.to_v4());
    name.size = sizeof(out);
  }
  return name;
}

common::IpAddress address_of(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET)
    return common::IpAddress::v4(
        ntohl(reinterpret_cast<const sockaddr_in*>(&from)->sin_addr.s_addr));
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in6*>(&from)->sin6_addr,
              octets.size());
  return common::IpAddress::v6(octets);
}

int ttl_of(msghdr& header) {
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    const bool v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_TTL;
    const bool v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_HOPLIMIT;
    if (!v4 && !v6) continue;
    int ttl = 0;
    std::memcpy(&ttl, CMSG_DATA(part), sizeof(ttl));
    return ttl;
  }
  return 0;
}

template <class Info>
void put_info(msghdr& header, int level, int type, const Info& info) {
  header.msg_controllen = CMSG_SPACE(sizeof(info));
  auto* const part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = level;
  part->cmsg_type = type;
  part->cmsg_len = CMSG_LEN(sizeof(info));
  std::memcpy(CMSG_DATA(part), &info, sizeof(info));
}

common::Result<void> set_options(const Descriptor& socket, Family family) {
  const int on = 1;
  const auto all = {std::tuple{SOL_SOCKET, SO_REUSEADDR, on},
                    {SOL_SOCKET, SO_BROADCAST, on},
                    {IPPROTO_IP, IP_RECVTTL, on},
                    {IPPROTO_IP, IP_TTL, kTimeToLive},
                    {IPPROTO_IP, IP_TOS, kInternetworkControl},
                    {IPPROTO_IPV6, IPV6_V6ONLY, on},
                    {IPPROTO_IPV6, IPV6_RECVHOPLIMIT, on},
                    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, kTimeToLive},
                    {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kTimeToLive},
                    {IPPROTO_IPV6, IPV6_TCLASS, kInternetworkControl}};
  const int other = family == Family::V6 ? IPPROTO_IP : IPPROTO_IPV6;
  for (const auto& [level, option, value] : all) {
    if (level == other) continue;
    if (const auto set = set_option(socket, level, option, value); !set) return set.error();
  }
  return {};
}

}  // namespace

common::IpAddress everybody(Family family) {
  if (family == Family::V4) return common::IpAddress::v4(INADDR_BROADCAST);
  return common::IpAddress::v6({0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

common::Result<PeerSocket> PeerSocket::open(const std::string& interface, int interface_index,
                                            Family family, std::uint16_t port) {
  const bool v6 = family == Family::V6;
  Descriptor socket{
      ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.number() < 0) return last_error();
  if (::setsockopt(socket.number(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) < 0)
    return last_error();
  if (const auto set = set_options(socket, family); !set) return set.error();
  auto any = name_of(v6 ? common::IpAddress::v6({}) : common::IpAddress{}, port, 0);
  if (::bind(socket.number(), any.plain(), any.size) < 0) return last_error();
  return PeerSocket{std::move(socket), interface_index, port};
}

common::Result<PeerSocket::Received> PeerSocket::receive() {
  for (int i = 0; i < kMostStrangersATurn; ++i) {
    sockaddr_storage from{};
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
    return Received{address_of(from),
                    common::Octets{buffer_}.first(static_cast<std::size_t>(size))};
  }
  return {boost::system::errc::make_error_code(boost::system::errc::operation_would_block)};
}

common::Result<void> PeerSocket::send(common::Octets message, const common::IpAddress& source,
                                      const common::IpAddress& to) {
  auto where = name_of(to, port_, interface_index_);
  iovec part{.iov_base = const_cast<std::uint8_t*>(message.data()), .iov_len = message.size()};
  alignas(cmsghdr) std::array<std::uint8_t, 64> control{};
  msghdr header{};
  header.msg_name = where.plain();
  header.msg_namelen = where.size;
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  // From the primary address: by it the peer knows us.
  if (to.is_v6()) {
    in6_pktinfo info{};
    info.ipi6_ifindex = static_cast<unsigned>(interface_index_);
    std::memcpy(&info.ipi6_addr, source.octets().data(), sizeof(info.ipi6_addr));
    put_info(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(source.to_v4());
    put_info(header, IPPROTO_IP, IP_PKTINFO, info);
  }
  if (::sendmsg(socket_.number(), &header, MSG_DONTWAIT) < 0) return last_error();
  return {};
}

}  // namespace vrrp::link
