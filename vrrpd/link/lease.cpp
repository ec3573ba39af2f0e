#include "vrrpd/link/lease.hpp"

#include "vrrpd/link/nft.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <span>

namespace vrrp::link {
namespace {

bool is_ipv6(const LeaseOptions& options) { return options.addresses.front().is_v6(); }

/// A table for each interface, VRID and family.
std::string table_of(const LeaseOptions& options) {
  return fmt::format("mainstay_vrrp{}_{}_{}", is_ipv6(options) ? "6" : "", options.vrid.value,
                     nft_word(options.interface));
}

/// "add" first, so that a table which is not there is no fault.
std::string removal_of(const std::string& table) {
  return fmt::format("add table netdev {0}\ndelete table netdev {0}\n", table);
}

/// nft 1.0.6 has no word for the target of neighbour discovery: octets 8 to 23 of the message.
std::string neighbor_discovery(int type, const common::IpAddress& target) {
  return fmt::format("ip6 nexthdr ipv6-icmp @th,0,8 {} @th,64,128 0x{:02x}", type,
                     fmt::join(target.octets(), ""));
}
constexpr int kSolicitation = 135;
constexpr int kAdvertisement = 136;

/// What we say about `address`, which renews the lease.
std::string announcement_of(const common::IpAddress& address) {
  if (address.is_v6()) return neighbor_discovery(kAdvertisement, address);
  return fmt::format("arp saddr ip {0} arp daddr ip {0}", address.to_string());
}

/// Where the neighbours ask for it.
std::string question_for(const common::IpAddress& address) {
  if (address.is_v6()) return neighbor_discovery(kSolicitation, address);
  return "arp daddr ip " + address.to_string();
}

}  // namespace

/// The set has room for more than its one element: one that has ended keeps its place until the
/// kernel collects it, and a full set takes no renewal.
std::string lease_ruleset(const LeaseOptions& options) {
  const auto table = table_of(options);
  const auto renew =
      fmt::format("update @alive {{ meta oif timeout {}ms }}", options.duration.count());
  const auto living = options.alive ? fmt::format("elements = {{ \"{}\" timeout {}ms }};",
                                                  options.interface, options.duration.count())
                                    : std::string{};
  std::string announcements;
  std::string silence;
  std::string held;
  for (const auto& address : options.addresses) {
    announcements += fmt::format("    {} {}\n", announcement_of(address), renew);
    held += fmt::format("    {} daddr {} meta iif @held accept\n", address.is_v6() ? "ip6" : "ip",
                        address.to_string());
    silence += fmt::format("    {} daddr {} drop\n    {} drop\n", address.is_v6() ? "ip6" : "ip",
                           address.to_string(), question_for(address));
  }
  return removal_of(table) +
         fmt::format(R"(table netdev {0} {{
  comment "vrrpd: silence for the virtual addresses when it no longer advertises"
  set held {{ type iface_index; }}
  set alive {{ type iface_index; flags dynamic, timeout; size 128; gc-interval 1s; {7} }}
  chain out {{
    type filter hook egress device "{1}" priority 0; policy accept;
    {2} 112 @th,8,8 {3} {4}
{5}  }}
  chain in {{
    type filter hook ingress device "{1}" priority -500; policy accept;
    meta iif @alive accept
{8}{6}  }}
}}
)",
                     table, options.interface, is_ipv6(options) ? "ip6 nexthdr" : "ip protocol",
                     options.vrid.value, renew, announcements, silence, living, held);
}

bool lease_alive(const LeaseOptions& options) {
  const auto said = list_nft(fmt::format("list set netdev {} alive\n", table_of(options)));
  return said && said->find("elements") != said->npos;  // those that have ended are not listed
}

std::optional<std::string> Lease::install(const LeaseOptions& options) {
  note(options, run_nft(lease_ruleset(options)));
  return refusal_;
}

void Lease::note(const LeaseOptions& options, std::optional<std::string> refusal) {
  refusal_ = std::move(refusal);
  if (refusal_) return;
  table_ = table_of(options);
  interface_ = options.interface;
}

void LeaseBatch::install() {
  for (std::span<Job> left{jobs_}; !left.empty();) {
    const auto some = left.first(std::min(kMostAtOnce, left.size()));
    left = left.subspan(some.size());
    std::string all;
    for (const auto& [lease, options] : some) all += lease_ruleset(options);
    const bool whole = some.size() > 1 && !run_nft(all);
    for (auto& [lease, options] : some) {
      if (whole)
        lease->note(options, std::nullopt);
      else
        lease->install(options);
    }
  }
  jobs_.clear();
}

std::optional<std::string> Lease::hold(bool on) {
  if (table_.empty()) return std::nullopt;
  // Also when it is so already.
  auto commands = fmt::format("flush set netdev {} held\n", table_);
  if (on) commands += fmt::format("add element netdev {} held {{ \"{}\" }}\n", table_, interface_);
  return run_nft(commands);
}

void Lease::remove() {
  if (!table_.empty()) delete_nft_table(NftFamily::Netdev, table_);
  table_.clear();
}

}  // namespace vrrp::link
