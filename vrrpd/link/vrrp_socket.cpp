#include "vrrpd/link/vrrp_socket.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <optional>
#include <sys/socket.h>
#include <tuple>

namespace vrrp::link {
namespace {

constexpr int kProtocol = 112;
constexpr int kHopLimit = 255;              // the TTL of IPv4
constexpr int kInternetworkControl = 0xC0;  // IP precedence, as routing protocols use it
#ifndef IPV6_MULTICAST_ALL
constexpr int IPV6_MULTICAST_ALL = 29;  // Linux 4.20; not in the headers of glibc 2.36
#endif

in_addr to_in_addr(const common::IpAddress& address) { return {htonl(address.to_v4())}; }

in6_addr to_in6_addr(const common::IpAddress& address) {
  in6_addr converted{};
  std::ranges::copy(address.octets(), std::begin(converted.s6_addr));
  return converted;
}

common::IpAddress from_in6_addr(const in6_addr& address) {
  return common::IpAddress::v6(std::to_array(address.s6_addr));
}

/// The control message of that kind, by value; the kernel aligns as it likes.
template <class Value>
std::optional<Value> control_of(msghdr& header, int level, int type) {
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != level || part->cmsg_type != type) continue;
    Value value{};
    std::memcpy(&value, CMSG_DATA(part), sizeof(value));
    return value;
  }
  return std::nullopt;
}

common::Duration since_epoch(const timespec& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

using Options = std::initializer_list<std::tuple<int, int, int>>;

common::Result<void> set_all(const Descriptor& socket, Options options) {
  for (const auto& [level, option, value] : options)
    if (const auto set = set_option(socket, level, option, value); !set) return set;
  return {};
}

common::Result<void> set_up_ipv4(const Descriptor& socket, int index) {
  const auto set = set_all(socket, {{IPPROTO_IP, IP_MULTICAST_ALL, 0},
                                    {IPPROTO_IP, IP_MULTICAST_LOOP, 0},
                                    {IPPROTO_IP, IP_MULTICAST_TTL, kHopLimit},
                                    {IPPROTO_IP, IP_TTL, kHopLimit},
                                    {IPPROTO_IP, IP_TOS, kInternetworkControl}});
  if (!set) return set;
  ip_mreqn membership{};
  membership.imr_multiaddr = to_in_addr(packet::multicast_group(Family::V4));
  membership.imr_ifindex = index;
  if (const auto chosen = set_option(socket, IPPROTO_IP, IP_MULTICAST_IF, membership); !chosen)
    return chosen;
  return set_option(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership);
}

common::Result<void> set_up_ipv6(const Descriptor& socket, int index) {
  const auto set = set_all(socket, {{IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0},
                                    {IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0},
                                    {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kHopLimit},
                                    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, kHopLimit},
                                    {IPPROTO_IPV6, IPV6_TCLASS, kInternetworkControl},
                                    {IPPROTO_IPV6, IPV6_MULTICAST_IF, index},
                                    {IPPROTO_IPV6, IPV6_RECVPKTINFO, 1},
                                    {IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1}});
  if (!set) return set;
  ipv6_mreq membership{};
  membership.ipv6mr_multiaddr = to_in6_addr(packet::multicast_group(Family::V6));
  membership.ipv6mr_interface = static_cast<unsigned>(index);
  return set_option(socket, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, membership);
}

common::Result<void> set_up(const Descriptor& socket, const std::string& interface, int index,
                            Family family) {
  if (::setsockopt(socket.number(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) < 0)
    return last_error();
  if (const auto set = set_all(socket, {{SOL_SOCKET, SO_TIMESTAMPNS, 1}}); !set) return set;
  return family == Family::V6 ? set_up_ipv6(socket, index) : set_up_ipv4(socket, index);
}

std::optional<int> option_of(const Descriptor& socket, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(socket.number(), SOL_SOCKET, option, &value, &size) < 0) return std::nullopt;
  return value;
}

/// One datagram out. The source is said, not left to the kernel: it must be the primary address and
/// no virtual one.
template <class Address, class Info>
common::Result<void> send_from(const Descriptor& socket, common::Octets message, Address& to,
                               const Info& source, int level, int type) {
  // sendmsg(2) does not write to what it sends; its interface is older than const.
  iovec part{.iov_base = const_cast<std::uint8_t*>(message.data()), .iov_len = message.size()};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(Info))> control{};
  msghdr header{};
  header.msg_name = &to;
  header.msg_namelen = sizeof(to);
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  auto* const said = CMSG_FIRSTHDR(&header);
  said->cmsg_level = level;
  said->cmsg_type = type;
  said->cmsg_len = CMSG_LEN(sizeof(Info));
  std::memcpy(CMSG_DATA(said), &source, sizeof(Info));
  if (::sendmsg(socket.number(), &header, MSG_DONTWAIT) < 0) return last_error();
  return {};
}

}  // namespace

common::Result<VrrpSocket> VrrpSocket::open(const std::string& interface, int index,
                                            Family family) {
  Descriptor socket{::socket(family == Family::V6 ? AF_INET6 : AF_INET,
                             SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, kProtocol)};
  if (socket.number() < 0) return last_error();
  if (const auto done = set_up(socket, interface, index, family); !done) return done.error();
  return VrrpSocket{std::move(socket), index, family};
}

common::Result<VrrpSocket> VrrpSocket::adopt(Descriptor socket, const std::string& interface,
                                             int index, Family family) {
  const bool fits = option_of(socket, SO_DOMAIN) == (family == Family::V6 ? AF_INET6 : AF_INET) &&
                    option_of(socket, SO_TYPE) == SOCK_RAW &&
                    option_of(socket, SO_PROTOCOL) == kProtocol &&
                    option_of(socket, SO_BINDTOIFINDEX) == index;
  if (!fits)
    return {boost::system::errc::make_error_code(boost::system::errc::wrong_protocol_type)};
  // Once more: we may be of a later version than the one that opened it.
  if (const auto done = set_up(socket, interface, index, family);
      !done &&
      done.error() != boost::system::errc::address_in_use)  // a member of the group already
    return done.error();
  return VrrpSocket{std::move(socket), index, family};
}

bool VrrpSocket::missed_nothing() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> counted{};
  socklen_t size = sizeof(counted);
  return ::getsockopt(socket_.number(), SOL_SOCKET, SO_MEMINFO, counted.data(), &size) == 0 &&
         counted[SK_MEMINFO_DROPS] == 0;
}

common::Result<Received> VrrpSocket::receive() {
  iovec part{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
  alignas(cmsghdr) std::array<std::uint8_t, 256> control{};
  sockaddr_in6 from{};
  msghdr header{};
  header.msg_name = &from;
  header.msg_namelen = sizeof(from);
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const auto size = ::recvmsg(socket_.number(), &header, 0);
  if (size < 0) return last_error();

  Received received{.datagram = {}, .arrived_at = arrival(header)};
  const auto octets = common::Octets{buffer_}.first(static_cast<std::size_t>(size));
  if (family_ == Family::V4) {
    read_ipv4_header(received, octets);
    return received;
  }
  received.datagram.source = from_in6_addr(from.sin6_addr);
  received.datagram.message = octets;
  read_ipv6_control(received, header);
  return received;
}

common::TimePoint VrrpSocket::arrival(msghdr& header) {
  const auto now = common::Clock::now();
  const auto stamp = control_of<timespec>(header, SOL_SOCKET, SO_TIMESTAMPNS);
  if (!stamp) return now;
  timespec wall{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  return arrival_.of(since_epoch(*stamp), since_epoch(wall), now);
}

/// A raw IPv4 socket hands over the IP header too; the kernel has checked its version, length and
/// checksum.
void VrrpSocket::read_ipv4_header(Received& received, common::Octets octets) const {
  if (octets.size() < sizeof(iphdr)) return;
  const auto address = [&octets](std::size_t at) {
    return common::IpAddress::v4(
        common::load_big_endian<std::uint32_t>(octets.subspan(at).first<4>()));
  };
  received.datagram.time_to_live = octets[offsetof(iphdr, ttl)];
  received.datagram.source = address(offsetof(iphdr, saddr));
  received.datagram.destination = address(offsetof(iphdr, daddr));
  const std::size_t header_octets = (octets[0] & 0x0FU) * std::size_t{4};
  received.datagram.message = octets.subspan(std::min(header_octets, octets.size()));
}

/// A raw IPv6 socket says beside the message what the header said.
void VrrpSocket::read_ipv6_control(Received& received, msghdr& header) const {
  received.datagram.destination = from_in6_addr({});
  if (const auto limit = control_of<int>(header, IPPROTO_IPV6, IPV6_HOPLIMIT))
    received.datagram.time_to_live = static_cast<std::uint8_t>(*limit);
  if (const auto info = control_of<in6_pktinfo>(header, IPPROTO_IPV6, IPV6_PKTINFO))
    received.datagram.destination = from_in6_addr(info->ipi6_addr);
}

common::Result<void> VrrpSocket::send(common::Octets message, const common::IpAddress& source,
                                      const common::IpAddress& destination) {
  if (family_ == Family::V6) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_addr = to_in6_addr(destination);
    to.sin6_scope_id = static_cast<unsigned>(index_);
    const in6_pktinfo info{.ipi6_addr = to_in6_addr(source),
                           .ipi6_ifindex = static_cast<unsigned>(index_)};
    return send_from(socket_, message, to, info, IPPROTO_IPV6, IPV6_PKTINFO);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr = to_in_addr(destination);
  in_pktinfo info{};
  info.ipi_ifindex = index_;
  info.ipi_spec_dst = to_in_addr(source);
  return send_from(socket_, message, to, info, IPPROTO_IP, IP_PKTINFO);
}

}  // namespace vrrp::link
