#include "vrrpd/link/bell.hpp"

#include "common/bytes.hpp"
#include "common/contract.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <sys/socket.h>

namespace vrrp::link {
namespace {

constexpr int kProtocol = 112;
constexpr unsigned kWhole = 0xFFFF;
constexpr std::uint8_t kPlainHeader = 0x45;  // IPv4 without options
constexpr unsigned kIpv4Header = 20;
constexpr std::size_t kLongestIpv4Header = 60;

}  // namespace

std::vector<sock_filter> all_but(Family family, std::span<const MessageStart> usual) {
  common::expects(usual.size() <= Bell::kMostUsual, "the jumps of a filter have an octet");
  // A raw socket of IPv4 is handed the IP header too.
  const unsigned at = family == Family::V4 ? kIpv4Header : 0;
  const auto load = [](unsigned width, unsigned from) {
    return sock_filter{static_cast<std::uint16_t>(BPF_LD | width | BPF_ABS), 0, 0, from};
  };
  const auto jump = [](unsigned how, std::size_t yes, std::size_t no, unsigned than) {
    return sock_filter{static_cast<std::uint16_t>(BPF_JMP | how | BPF_K),
                       static_cast<std::uint8_t>(yes), static_cast<std::uint8_t>(no), than};
  };
  std::vector<sock_filter> filter;
  constexpr std::size_t kOfOne = 4;
  // A load beyond the end of the packet would drop it.
  const std::size_t to_ring = kOfOne * usual.size();
  filter.push_back(sock_filter{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0});
  filter.push_back(jump(BPF_JGE, 0, to_ring + (family == Family::V4 ? 2 : 0), at + 8));
  if (family == Family::V4) {
    filter.push_back(load(BPF_B, 0));
    filter.push_back(jump(BPF_JEQ, 0, to_ring, kPlainHeader));
  }
  for (std::size_t i = 0; i < usual.size(); ++i) {
    const auto octets = common::Octets{usual[i]};
    const auto after = kOfOne * (usual.size() - i - 1);
    filter.push_back(load(BPF_W, at));
    filter.push_back(
        jump(BPF_JEQ, 0, 2, common::load_big_endian<std::uint32_t>(octets.first<4>())));
    filter.push_back(load(BPF_H, at + 4));
    filter.push_back(jump(BPF_JEQ, after + 1, 0,
                          common::load_big_endian<std::uint16_t>(octets.subspan<4, 2>())));
  }
  filter.push_back(sock_filter{BPF_RET | BPF_K, 0, 0, kWhole});
  filter.push_back(load(BPF_W, static_cast<unsigned>(SKF_AD_OFF + SKF_AD_RANDOM)));
  filter.push_back(jump(BPF_JSET, 0, 1, kHeardOf - 1));
  filter.push_back(sock_filter{BPF_RET | BPF_K, 0, 0, 0});
  filter.push_back(sock_filter{BPF_RET | BPF_K, 0, 0, kWhole});
  return filter;
}

common::Result<Bell> Bell::open(const std::string& interface, Family family) {
  Descriptor socket{::socket(family == Family::V6 ? AF_INET6 : AF_INET,
                             SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, kProtocol)};
  if (socket.number() < 0) return last_error();
  // It joins no group: what the other socket has joined reaches every socket that does not refuse
  // (IP_MULTICAST_ALL), and to join would wait for the kernel's lock of all interfaces.
  if (const auto set = set_socket_option(socket, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                                         interface.size());
      !set)
    return set.error();
  return Bell{std::move(socket), family};
}

common::Result<void> Bell::ring_for_all_but(std::span<const MessageStart> usual) {
  auto filter = all_but(family_, usual);
  const sock_fprog program{.len = static_cast<unsigned short>(filter.size()),
                           .filter = filter.data()};
  return set_option(socket_, SOL_SOCKET, SO_ATTACH_FILTER, program);
}

std::optional<MessageStart> Bell::next() {
  std::array<std::uint8_t, kLongestIpv4Header + std::tuple_size_v<MessageStart>> packet{};
  const auto size = ::recv(socket_.number(), packet.data(), packet.size(), MSG_DONTWAIT);
  if (size < 0) return std::nullopt;
  MessageStart start{};
  const std::size_t header =
      family_ == Family::V4 ? (packet.front() & 0x0FU) * std::size_t{4} : std::size_t{0};
  std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(header), start.size(), start.begin());
  return start;
}

}  // namespace vrrp::link
