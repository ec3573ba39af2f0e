#include "vrrpd/link/accept_filter.hpp"

#include "vrrpd/link/nft.hpp"

#include <fmt/format.h>

namespace vrrp::link {
namespace {

std::string_view family_of(const AcceptFilter& filter) {
  return filter.addresses.front().is_v6() ? "ip6" : "ip";
}

std::string table_of(const AcceptFilter& filter) {
  return fmt::format("mainstay_accept_{}_{}", filter.vrid.value, nft_word(filter.interface));
}

}  // namespace

void remove_accept_filter(const AcceptFilter& filter) {
  const bool ipv6 = filter.addresses.front().is_v6();
  delete_nft_table(ipv6 ? NftFamily::Ipv6 : NftFamily::Ipv4, table_of(filter));
}

std::string accept_filter_ruleset(const AcceptFilter& filter) {
  std::string addresses;
  for (const auto& address : filter.addresses)
    addresses += (addresses.empty() ? "" : ", ") + address.to_string();
  const auto family = family_of(filter);
  // "add" first, so that a table which is not there is no fault.
  return fmt::format("add table {0} {1}\ndelete table {0} {1}\n", family, table_of(filter)) +
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
                     family, table_of(filter), addresses,
                     family == "ip6"
                         ? "    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
                         : "");
}

}  // namespace vrrp::link
