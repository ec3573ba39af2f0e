#include "vrrpd/link/accept_filter.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::link {
namespace {

TEST_CASE("Without Accept_Mode packets to the addresses are dropped, neighbour discovery never",
          "[vrrp][link][rfc9568-6.4.3]") {
  const AcceptFilter ipv4{.interface = "eth0.100",
                          .vrid = {51},
                          .addresses = {*common::IpAddress::parse("192.168.10.100"),
                                        *common::IpAddress::parse("192.168.10.101")}};
  const auto text = accept_filter_ruleset(ipv4);
  CAPTURE(text);
  CHECK(text.starts_with("add table ip mainstay_accept_51_eth0_100\ndelete table "));
  CHECK(text.find("table ip mainstay_accept_51_eth0_100 {") != text.npos);
  CHECK(text.find("ip daddr != { 192.168.10.100, 192.168.10.101 } accept") != text.npos);
  CHECK(text.find("icmpv6") == text.npos);
  const auto text6 = accept_filter_ruleset(
      {.interface = "eth0", .vrid = {51}, .addresses = {*common::IpAddress::parse("fe80::100")}});
  CAPTURE(text6);
  CHECK(text6.find("table ip6 mainstay_accept_51_eth0 {") != text6.npos);
  CHECK(text6.find("icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n    drop") !=
        text6.npos);
}

}  // namespace
}  // namespace vrrp::link
