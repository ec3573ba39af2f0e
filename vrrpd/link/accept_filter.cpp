#include "vrrpd/link/accept_filter.hpp"

#include "vrrpd/link/nft.hpp"

#include <fmt/format.h>

namespace vrrp::link {
namespace {

std::string_view family_of(const AcceptFilter& filter) {
  return filter.addresses.front().is_v6() ? "ip6" : "ip";
}

}  // namespace

std::string accept_filter_table(const std::string& interface, Vrid vrid) {
  return fmt::format("mainstay_accept_{}_{}", vrid.value, nft_word(interface));
}

void remove_accept_filter(const AcceptFilter& filter) {
  const bool ipv6 = filter.addresses.front().is_v6();
  delete_nft_table(ipv6 ? NftFamily::Ipv6 : NftFamily::Ipv4,
                   accept_filter_table(filter.interface, filter.vrid));
}

std::string accept_filter_ruleset(const AcceptFilter& filter) {
  std::string addresses;
  for (const auto& address : filter.addresses)
    addresses += (addresses.empty() ? "" : ", ") + address.to_string();
  const auto family = family_of(filter);
  const auto table = accept_filter_table(filter.interface, filter.vrid);
  // "add" first, so that a table which is not there is no fault.
  return fmt::format("add table {0} {1}\ndelete table {0} {1}\n", family, table) +
         fmt::format(R"(table {0} {1} {{
  comment "vrrpd: Accept_Mode is false, the virtual addresses are for forwarding alone"
  chain in {{
    type filter hook input priority filter; policy accept;
    {0} daddr != {{ {2} }} accept
    iifname "lo" accept
{3}    drop
  }}
}}
)",
                     family, table, addresses,
                     family == "ip6"
                         ? "    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
                         : "");
}

}  // namespace vrrp::link
