#include "vrrpd/link/macvlan.hpp"

#include "tests/support/catch.hpp"

#include <net/if.h>

namespace vrrp::link {
namespace {

TEST_CASE("The name of a macvlan tells whose it is, and fits", "[vrrp][link][virtual_mac]") {
  CHECK(macvlan_name({51}, Family::V4, 2) == "vm4.51.2");
  CHECK(macvlan_name({51}, Family::V6, 2) == "vm6.51.2");
  CHECK(macvlan_name({255}, Family::V4, 0xFFFFFFF).size() < IFNAMSIZ);
}

TEST_CASE("The interface below says nothing of addresses with a virtual MAC address",
          "[vrrp][link][virtual_mac][rfc9568-8.1.2]") {
  const auto rules = virtual_mac_ruleset(
      {.interface = "eth0",
       .vrid = {51},
       .addresses = {common::IpAddress::v4(0xC0A80A64), common::IpAddress::v4(1)},
       .own = common::IpAddress::v4(0xC0A80A0B)});
  INFO(rules);
  for (const char* line :
       {"table arp mainstay_vmac_51_eth0 {",
        "iifname \"eth0\" arp daddr ip { 192.168.10.100, 0.0.0.1 } drop",
        "oifname \"eth0\" arp saddr ip 192.168.10.100 arp saddr ip set 192.168.10.11"})
    CHECK(rules.find(line) != std::string::npos);
}

}  // namespace
}  // namespace vrrp::link
