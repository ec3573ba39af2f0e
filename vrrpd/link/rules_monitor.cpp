#include "vrrpd/link/rules_monitor.hpp"

#include <array>
#include <cerrno>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

namespace vrrp::link {
namespace {

constexpr int kMostDatagramsATurn = 1024;
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
  alignas(nlmsghdr) std::array<std::uint8_t, kLargestDatagram> buffer{};
  for (int i = 0; i < kMostDatagramsATurn; ++i) {
    const auto size = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != ENOBUFS) break;
    if (size < 0 || static_cast<std::size_t>(size) > buffer.size())
      gone.note_loss();
    else
      gone.note({buffer.data(), static_cast<std::size_t>(size)});
  }
  return gone;
}

}  // namespace vrrp::link
