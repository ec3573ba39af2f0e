#include "vrrpd/link/link_monitor.hpp"

#include <array>
#include <cerrno>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace vrrp::link {
namespace {

constexpr int kMostMessagesATurn = 1024;

}  // namespace

common::Result<LinkMonitor> LinkMonitor::open() {
  Descriptor socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (socket.number() < 0) return last_error();
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0)
    return last_error();
  return LinkMonitor{std::move(socket)};
}

void LinkMonitor::drain() {
  std::array<char, 8192> ignored{};
  for (int i = 0; i < kMostMessagesATurn; ++i) {
    const auto size = ::recv(socket_.number(), ignored.data(), ignored.size(), MSG_TRUNC);
    // ENOBUFS says that messages were lost: just as good a reason to look.
    if (size < 0 && errno != ENOBUFS && errno != EINTR) return;
  }
}

}  // namespace vrrp::link
