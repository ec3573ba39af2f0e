#include "vrrpd/link/rules_monitor.hpp"

#include <array>
#include <cerrno>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <memory>
#include <sys/socket.h>
#include <utility>

namespace vrrp::link {
namespace {

constexpr int kMostDatagramsATurn = 1024;
constexpr int kMostQuestions = 3;
/// The kernel fills a datagram up to a page, or has one message in it that is longer.
constexpr std::size_t kLargestDatagram = 32'768;

constexpr int type_of(int message) { return NFNL_SUBSYS_NFTABLES << 8 | message; }

std::string table_name(const nlmsghdr* header) {
  std::string name;
  mnl_attr_parse(
      header, sizeof(nfgenmsg),
      [](const nlattr* attribute, void* out) {
        if (mnl_attr_get_type(attribute) == NFTA_TABLE_NAME &&
            mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
          *static_cast<std::string*>(out) = mnl_attr_get_str(attribute);
        return MNL_CB_OK;
      },
      &name);
  return name;
}

/// What a socket for one question is told. `tables`: a set of names.
int note_name(const nlmsghdr* header, void* tables) {
  static_cast<std::set<std::string>*>(tables)->insert(table_name(header));
  return MNL_CB_OK;
}

/// Names of all tables, of whatever family; nothing when the kernel does not tell them in one
/// piece, since somebody changes them meanwhile.
std::optional<std::set<std::string>> standing_tables() {
  const std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)> socket{
      mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC), &mnl_socket_close};
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) return std::nullopt;
  alignas(nlmsghdr) std::array<char, kLargestDatagram> buffer{};
  auto* const request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = type_of(NFT_MSG_GETTABLE);
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  mnl_nlmsg_put_extra_header(request, sizeof(nfgenmsg));  // of zeros: AF_UNSPEC, NFNETLINK_V0
  if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0) return std::nullopt;
  std::set<std::string> tables;
  int more = MNL_CB_OK;
  while (more > MNL_CB_STOP) {
    const auto size = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (size < 0) return std::nullopt;
    more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), 0,
                      mnl_socket_get_portid(socket.get()), note_name, &tables);
  }
  if (more == MNL_CB_ERROR) return std::nullopt;
  return tables;
}

}  // namespace

void GoneTables::note(common::Octets messages) {
  auto left = static_cast<int>(messages.size());
  const auto* header = reinterpret_cast<const nlmsghdr*>(messages.data());
  for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
    if (header->nlmsg_type == type_of(NFT_MSG_DELTABLE)) names_.insert(table_name(header));
    if (header->nlmsg_type == type_of(NFT_MSG_NEWTABLE)) names_.erase(table_name(header));
  }
}

common::Result<RulesMonitor> RulesMonitor::open() {
  Descriptor socket{
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_NETFILTER)};
  if (socket.number() < 0) return last_error();
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = 1U << (NFNLGRP_NFTABLES - 1);
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0)
    return last_error();
  return RulesMonitor{std::move(socket)};
}

GoneTables RulesMonitor::drain() {
  GoneTables gone;
  bool lost = false;
  alignas(nlmsghdr) std::array<std::uint8_t, kLargestDatagram> buffer{};
  for (int i = 0; i < kMostDatagramsATurn; ++i) {
    const auto size = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != ENOBUFS) break;
    if (size < 0 || static_cast<std::size_t>(size) > buffer.size())
      lost = true;
    else
      gone.note({buffer.data(), static_cast<std::size_t>(size)});
  }
  // What is lost may be of our own making: the leases of many routers are more than the socket
  // takes. To put them back for that would be lost again.
  if (!lost) return gone;
  for (int i = 0; i < kMostQuestions; ++i)
    if (auto standing = standing_tables()) {
      gone.note_standing(std::move(*standing));
      return gone;
    }
  gone.note_loss();
  return gone;
}

}  // namespace vrrp::link
