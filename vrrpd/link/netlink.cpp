#include "vrrpd/link/netlink.hpp"

#include "vrrpd/link/descriptor.hpp"

#include <cerrno>
#include <chrono>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <memory>
#include <sys/time.h>

namespace vrrp::link {
namespace {

constexpr std::size_t kLargestAnswer =
    32 * 1024;  // what the kernel fills in one turn of a dump at most

int take_one(const nlmsghdr* message, void* context) {
  const auto& take = *static_cast<const std::function<void(const nlmsghdr*)>*>(context);
  if (take) take(message);
  return MNL_CB_OK;
}

}  // namespace

void Netlink::Closer::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

common::Result<Netlink> Netlink::open() {
  Netlink netlink{mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC)};
  auto* const socket = netlink.socket_.get();
  if (socket == nullptr || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) return last_error();
  const timeval limit{.tv_sec = kAnswerLimit.count() / 1000,
                      .tv_usec = kAnswerLimit.count() % 1000 * 1000};
  if (::setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
    return last_error();
  // The kernel then refuses what it does not understand and filters dumps by interface.
  int strict = 1;
  if (mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &strict, sizeof(strict)) < 0)
    return last_error();
  return netlink;
}

nlmsghdr* Netlink::request(std::uint16_t type, std::uint16_t flags) {
  request_.fill(0);
  auto* const header = mnl_nlmsg_put_header(request_.data());
  header->nlmsg_type = type;
  header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  header->nlmsg_seq = ++sequence_;
  return header;
}

common::Result<void> Netlink::acknowledged() { return exchange({}); }

common::Result<void> Netlink::dumped(const std::function<void(const nlmsghdr*)>& take) {
  return exchange(take);
}

common::Result<void> Netlink::exchange(const std::function<void(const nlmsghdr*)>& take) {
  auto* const socket = socket_.get();
  const auto* const header = reinterpret_cast<const nlmsghdr*>(request_.data());
  if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0) return last_error();

  const auto answer = std::make_unique_for_overwrite<char[]>(kLargestAnswer);
  auto* context = const_cast<void*>(static_cast<const void*>(&take));
  while (true) {
    const auto size = mnl_socket_recvfrom(socket, answer.get(), kLargestAnswer);
    if (size < 0) return last_error();
    const int verdict = mnl_cb_run(answer.get(), static_cast<std::size_t>(size), sequence_,
                                   mnl_socket_get_portid(socket), take_one, context);
    if (verdict == MNL_CB_STOP) return {};
    // An answer to an earlier request whose wait was given up: not ours.
    if (verdict < 0 && errno != EPROTO) return last_error();
  }
}

}  // namespace vrrp::link
