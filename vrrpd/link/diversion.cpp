#include "vrrpd/link/diversion.hpp"

#include "vrrpd/link/nft.hpp"
#include "vrrpd/packet/mac_address.hpp"

#include <fmt/format.h>

namespace vrrp::link {
namespace {

/// "add" first, so that a table which is not there is no fault.
std::string removal_of(std::string_view family, const std::string& table) {
  return fmt::format("add table {0} {1}\ndelete table {0} {1}\n", family, table);
}

std::string list_of(const std::vector<common::IpAddress>& addresses) {
  std::string list;
  for (const auto& address : addresses) list += (list.empty() ? "" : ", ") + address.to_string();
  return list;
}

bool is_ipv6(const std::vector<common::IpAddress>& addresses) { return addresses.front().is_v6(); }

/// `"eth0"`, or `{ "eth0", "vm4.51.2" }`
std::string devices_of(const std::string& interface, const std::string& device) {
  if (device.empty()) return '"' + interface + '"';
  return "{ \"" + interface + "\", \"" + device + "\" }";
}

/// What is said about a connection of the peer's by the routers on its way.
constexpr std::string_view kErrors4 = "icmp type destination-unreachable";
constexpr std::string_view kErrors6 =
    "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded }";

/// nft 1.0.6 has no word for the target of neighbour discovery: octets 8 to 23 of the message.
std::string solicitation_of(const common::IpAddress& target) {
  return fmt::format("icmpv6 type nd-neighbor-solicit @th,64,128 0x{:02x}",
                     fmt::join(target.octets(), ""));
}

std::string silence_of_ipv4(const SilenceOptions& options) {
  const auto table = silence_table(options.interface, options.vrid);
  std::string questions;
  for (const auto& address : options.addresses)
    questions += fmt::format("    oifname \"{}\" arp saddr ip {} arp saddr ip set {}\n",
                             options.interface, address.to_string(), options.own.to_string());
  return removal_of("arp", table) + fmt::format(R"(table arp {0} {{
  comment "vrrpd: silence for addresses that another node has announced"
  chain in {{
    type filter hook input priority filter; policy accept;
    iifname {4} arp daddr ip {{ {2} }} drop
  }}
  chain out {{
    type filter hook output priority filter; policy accept;
{3}  }}
}}
)",
                                                table, options.interface,
                                                list_of(options.addresses), questions,
                                                devices_of(options.interface, options.device));
}

std::string silence_of_ipv6(const SilenceOptions& options) {
  const auto table = silence_table(options.interface, options.vrid);
  std::string asked;
  std::string questions;
  for (const auto& address : options.addresses) {
    asked += fmt::format("    iifname {} {} drop\n", devices_of(options.interface, options.device),
                         solicitation_of(address));
    questions += fmt::format(
        "    oifname \"{}\" icmpv6 type nd-neighbor-solicit ip6 saddr {} ip6 saddr set {}\n",
        options.interface, address.to_string(), options.own.to_string());
    // What the kernel would say of its own accord, or to a question that came another way.
    questions +=
        fmt::format("    oifname \"{}\" icmpv6 type nd-neighbor-advert @th,64,128 0x{:02x} drop\n",
                    options.interface, fmt::join(address.octets(), ""));
  }
  return removal_of("ip6", table) + fmt::format(R"(table ip6 {0} {{
  comment "vrrpd: silence for addresses that another node has announced"
  chain in {{
    type filter hook input priority filter; policy accept;
{1}  }}
  chain out {{
    type filter hook output priority filter; policy accept;
{2}  }}
}}
)",
                                                table, asked, questions);
}

}  // namespace

std::string diversion_table(const std::string& interface, Vrid vrid) {
  return fmt::format("mainstay_move_{}_{}", vrid.value, nft_word(interface));
}

std::string silence_table(const std::string& interface, Vrid vrid) {
  return fmt::format("mainstay_hold_{}_{}", vrid.value, nft_word(interface));
}

std::string diversion_removal(const std::string& interface, Vrid vrid, Family family) {
  return removal_of(family == Family::V6 ? "ip6" : "ip", diversion_table(interface, vrid));
}

/// `socket wildcard 0` is a connection: not a listener, and neither a handshake nor TIME_WAIT,
/// which the expression does not see. A handshake is in `begun` until its first segment as a
/// connection. TIME_WAIT must not count: the client may use its port again, and be connected to the
/// peer now.
std::string diversion_ruleset(const DiversionOptions& options) {
  const auto table = diversion_table(options.interface, options.vrid);
  const bool ipv6 = is_ipv6(options.addresses);
  const std::string_view ip = ipv6 ? "ip6" : "ip";
  return removal_of(ip, table) + fmt::format(R"(table {5} {0} {{
  comment "vrrpd: connections of the other node during a planned move"
  set begun {{ type {6} . inet_service; flags dynamic, timeout; size 65535; timeout 5s; }}
  chain in {{
    type filter hook prerouting priority mangle; policy accept;
    iifname != {8} accept
    {5} daddr != {{ {2} }} accept
    ether saddr {3} accept
    {7} dup to {4} device "{1}" accept
    meta l4proto != tcp accept
    tcp flags & (syn | ack) == syn update @begun {{ {5} saddr . tcp sport }} accept
    tcp flags & (syn | ack) == syn accept
    socket wildcard 0 delete @begun {{ {5} saddr . tcp sport }} accept
    {5} saddr . tcp sport @begun accept
    goto other
  }}
  chain other {{
    dup to {4} device "{1}" drop
  }}
}}
)",
                                             table, options.interface, list_of(options.addresses),
                                             to_string(options.peer_mac), options.peer.to_string(),
                                             ip, ipv6 ? "ipv6_addr" : "ipv4_addr",
                                             ipv6 ? kErrors6 : kErrors4,
                                             devices_of(options.interface, options.device));
}

std::string silence_removal(const std::string& interface, Vrid vrid, Family family) {
  return removal_of(family == Family::V6 ? "ip6" : "arp", silence_table(interface, vrid));
}

std::string silence_ruleset(const SilenceOptions& options) {
  return is_ipv6(options.addresses) ? silence_of_ipv6(options) : silence_of_ipv4(options);
}

}  // namespace vrrp::link
