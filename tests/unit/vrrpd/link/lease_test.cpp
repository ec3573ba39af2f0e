#include "vrrpd/link/lease.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::link {
namespace {

using namespace std::chrono_literals;

TEST_CASE("The lease names each address, its router and its interface", "[vrrp][link][lease]") {
  const auto text = lease_ruleset({.interface = "eth0.100",
                                   .vrid = {51},
                                   .addresses = {*common::IpAddress::parse("192.168.10.100"),
                                                 *common::IpAddress::parse("192.168.10.101")},
                                   .duration = 30ms});
  const auto* line =
      GENERATE("table netdev mainstay_vrrp_51_eth0_100 {", "hook egress device \"eth0.100\"",
               "hook ingress device \"eth0.100\"",
               "ip protocol 112 @th,8,8 51 update @alive { meta oif timeout 30ms }",
               "arp saddr ip 192.168.10.101 arp daddr ip 192.168.10.101 update @alive",
               "ip daddr 192.168.10.100 drop", "ip daddr 192.168.10.101 drop",
               "arp daddr ip 192.168.10.101 drop");
  CAPTURE(text);
  CHECK(text.find(line) != std::string::npos);
  CHECK(text.find("elements") == text.npos);
  // Whatever an earlier run left goes in the same transaction.
  CHECK(
      text.starts_with("add table netdev mainstay_vrrp_51_eth0_100\n"
                       "delete table netdev mainstay_vrrp_51_eth0_100\n"));
}

TEST_CASE("A lease that goes on where another was is alive from the beginning",
          "[vrrp][link][lease]") {
  const auto text = lease_ruleset({.interface = "eth0",
                                   .vrid = {51},
                                   .addresses = {*common::IpAddress::parse("192.168.10.100")},
                                   .duration = 300ms,
                                   .alive = true});
  CHECK(text.find("elements = { \"eth0\" timeout 300ms };") != text.npos);
}

TEST_CASE("The lease of IPv6 addresses has a table of its own and knows neighbour discovery",
          "[vrrp][link][lease]") {
  const auto text = lease_ruleset({.interface = "eth0",
                                   .vrid = {51},
                                   .addresses = {*common::IpAddress::parse("fe80::100"),
                                                 *common::IpAddress::parse("2001:db8::100")},
                                   .duration = 30ms});
  const auto* line = GENERATE(
      "table netdev mainstay_vrrp6_51_eth0 {", "ip6 nexthdr 112 @th,8,8 51 update @alive",
      "@th,0,8 136 @th,64,128 0x20010db8000000000000000000000100 update @alive",
      "ip6 daddr fe80::100 drop", "@th,0,8 135 @th,64,128 0xfe800000000000000000000000000100 drop");
  CAPTURE(text);
  CHECK(text.find(line) != std::string::npos);
}

}  // namespace
}  // namespace vrrp::link
