#include "vrrpd/link/diversion.hpp"

#include "vrrpd/link/nft.hpp"

#include <fmt/format.h>

namespace vrrp::link {
namespace {

std::string table_of(std::string_view kind, std::string_view interface, Vrid vrid) {
  return fmt::format("mainstay_{}_{}_{}", kind, vrid.value, nft_word(interface));
}

/// "add" first, so that a table which is not there is no fault.
std::string removal_of(std::string_view family, const std::string& table) {
  return fmt::format("add table {0} {1}\ndelete table {0} {1}\n", family, table);
}

std::string list_of(const std::vector<common::IpAddress>& addresses) {
  std::string list;
  for (const auto& address : addresses) list += (list.empty() ? "" : ", ") + address.to_string();
  return list;
}

std::string text_of(const MacAddress& mac) {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3],
                     mac[4], mac[5]);
}

}  // namespace

std::string diversion_removal(const std::string& interface, Vrid vrid) {
  return removal_of("ip", table_of("move", interface, vrid));
}

/// `socket wildcard 0` is a connection: not a listener, and neither a handshake nor TIME_WAIT,
/// which the expression does not see. A handshake is in `begun` until its first segment as a
/// connection. TIME_WAIT must not count: the client may use its port again, and be connected to the
/// peer now.
std::string diversion_ruleset(const DiversionOptions& options) {
  const auto table = table_of("move", options.interface, options.vrid);
  return removal_of("ip", table) + fmt::format(R"(table ip {0} {{
  comment "vrrpd: connections of the other node during a planned move"
  set begun {{ type ipv4_addr . inet_service; flags dynamic, timeout; size 65535; timeout 5s; }}
  chain in {{
    type filter hook prerouting priority mangle; policy accept;
    iifname != "{1}" accept
    ip daddr != {{ {2} }} accept
    ether saddr {3} accept
    icmp type destination-unreachable dup to {4} device "{1}" accept
    meta l4proto != tcp accept
    tcp flags & (syn | ack) == syn update @begun {{ ip saddr . tcp sport }} accept
    tcp flags & (syn | ack) == syn accept
    socket wildcard 0 delete @begun {{ ip saddr . tcp sport }} accept
    ip saddr . tcp sport @begun accept
    goto other
  }}
  chain other {{
    dup to {4} device "{1}" drop
  }}
}}
)",
                                               table, options.interface, list_of(options.addresses),
                                               text_of(options.peer_mac), options.peer.to_string());
}

std::string silence_removal(const std::string& interface, Vrid vrid) {
  return removal_of("arp", table_of("hold", interface, vrid));
}

std::string silence_ruleset(const SilenceOptions& options) {
  const auto table = table_of("hold", options.interface, options.vrid);
  std::string questions;
  for (const auto& address : options.addresses)
    questions += fmt::format("    oifname \"{}\" arp saddr ip {} arp saddr ip set {}\n",
                             options.interface, address.to_string(), options.own.to_string());
  return removal_of("arp", table) + fmt::format(R"(table arp {0} {{
  comment "vrrpd: silence for addresses that another node has announced"
  chain in {{
    type filter hook input priority filter; policy accept;
    iifname "{1}" arp daddr ip {{ {2} }} drop
  }}
  chain out {{
    type filter hook output priority filter; policy accept;
{3}  }}
}}
)",
                                                table, options.interface,
                                                list_of(options.addresses), questions);
}

}  // namespace vrrp::link
