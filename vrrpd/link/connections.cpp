#include "vrrpd/link/connections.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace vrrp::link {
namespace {

constexpr std::uint32_t bit(int state) { return 1U << static_cast<unsigned>(state); }
constexpr std::uint32_t kConnected = bit(TCP_ESTABLISHED) | bit(TCP_SYN_RECV) | bit(TCP_FIN_WAIT1) |
                                     bit(TCP_FIN_WAIT2) | bit(TCP_CLOSE_WAIT) | bit(TCP_LAST_ACK) |
                                     bit(TCP_CLOSING);

/// An IPv4 connection that a listener on [::] has accepted is one of IPv6 with a mapped address.
common::IpAddress local_address(const inet_diag_msg& message) {
  if (message.idiag_family == AF_INET) return common::IpAddress::v4(ntohl(message.id.idiag_src[0]));
  in6_addr address{};
  std::memcpy(&address, &message.id.idiag_src, sizeof(address));
  if (IN6_IS_ADDR_V4MAPPED(&address)) return common::IpAddress::v4(ntohl(message.id.idiag_src[3]));
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &address, octets.size());
  return common::IpAddress::v6(octets);
}

}  // namespace

common::Result<ConnectionCounter> ConnectionCounter::open() {
  Descriptor socket{
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
  if (socket.number() < 0) return last_error();
  return ConnectionCounter{std::move(socket)};
}

common::Result<void> ConnectionCounter::ask(std::vector<common::IpAddress> addresses) {
  addresses_ = std::move(addresses);
  count_ = 0;
  return ask_family(AF_INET);
}

common::Result<void> ConnectionCounter::ask_family(std::uint8_t family) {
  family_ = family;
  struct {
    nlmsghdr header;
    inet_diag_req_v2 question;
  } request{};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.header.nlmsg_seq = ++sequence_;
  request.question.sdiag_family = family;
  request.question.sdiag_protocol = IPPROTO_TCP;
  request.question.idiag_states = kConnected;
  if (::send(socket_.number(), &request, sizeof(request), MSG_DONTWAIT) < 0) return last_error();
  return {};
}

common::Result<std::optional<std::size_t>> ConnectionCounter::read() {
  const auto size = ::recv(socket_.number(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (size < 0) {
    if (errno == EAGAIN || errno == EINTR) return std::optional<std::size_t>{};
    return last_error();
  }
  int left = static_cast<int>(size);
  for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.data());
       mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
    if (message->nlmsg_seq != sequence_) continue;
    if (message->nlmsg_type == NLMSG_ERROR)
      return {boost::system::error_code{EPROTO, boost::system::system_category()}};
    if (message->nlmsg_type == NLMSG_DONE) {
      if (family_ == AF_INET6) return std::optional{count_};
      if (const auto asked = ask_family(AF_INET6); !asked) return asked.error();
      continue;
    }
    if (mnl_nlmsg_get_payload_len(message) < sizeof(inet_diag_msg)) continue;
    const auto& found = *static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(message));
    if (std::ranges::find(addresses_, local_address(found)) != addresses_.end()) ++count_;
  }
  return std::optional<std::size_t>{};
}

}  // namespace vrrp::link
