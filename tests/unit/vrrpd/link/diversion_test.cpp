#include "vrrpd/link/diversion.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::link {
namespace {

const auto kOne = *common::IpAddress::parse("192.168.10.100");
const auto kTwo = *common::IpAddress::parse("192.168.10.101");

TEST_CASE("What is diverted, and what never is", "[vrrp][link][handover]") {
  const auto text = diversion_ruleset({.interface = "eth0.100",
                                       .vrid = {51},
                                       .addresses = {kOne, kTwo},
                                       .peer = *common::IpAddress::parse("192.168.10.12"),
                                       .peer_mac = {2, 0, 0, 0, 10, 12}});
  const auto* line = GENERATE(
      "table ip mainstay_move_51_eth0_100 {", "iifname != \"eth0.100\" accept",
      "ip daddr != { 192.168.10.100, 192.168.10.101 } accept",
      "ether saddr 02:00:00:00:0a:0c accept", "dup to 192.168.10.12 device \"eth0.100\" drop");
  CAPTURE(text);
  CHECK(text.find(line) != text.npos);
  CHECK(text.starts_with(diversion_removal("eth0.100", {51}, Family::V4)));
  // What comes from the peer is never sent back: that rule stands before any that sends.
  CHECK(text.find("ether saddr") < text.find("dup to"));
}

TEST_CASE("Silence answers nobody and asks from the node's own address", "[vrrp][link][handover]") {
  const auto text = silence_ruleset({.interface = "eth0",
                                     .vrid = {51},
                                     .addresses = {kOne, kTwo},
                                     .own = *common::IpAddress::parse("192.168.10.11")});
  const auto* line = GENERATE("table arp mainstay_hold_51_eth0 {",
                              "arp daddr ip { 192.168.10.100, 192.168.10.101 } drop",
                              "arp saddr ip 192.168.10.100 arp saddr ip set 192.168.10.11",
                              "arp saddr ip 192.168.10.101 arp saddr ip set 192.168.10.11");
  CAPTURE(text);
  CHECK(text.find(line) != text.npos);
  CHECK(text.starts_with(silence_removal("eth0", {51}, Family::V4)));
}

TEST_CASE("IPv6 is diverted and silent in its own words", "[vrrp][link][handover]") {
  const auto own = *common::IpAddress::parse("fe80::b");
  const auto service = *common::IpAddress::parse("2001:db8::100");
  const auto moved = diversion_ruleset({.interface = "eth0",
                                        .vrid = {51},
                                        .addresses = {service},
                                        .peer = *common::IpAddress::parse("fe80::c"),
                                        .peer_mac = {2, 0, 0, 0, 10, 12}});
  for (const auto* line :
       {"table ip6 mainstay_move_51_eth0 {", "type ipv6_addr . inet_service",
        "ip6 daddr != { 2001:db8::100 } accept", "packet-too-big",
        "ip6 saddr . tcp sport @begun accept", "dup to fe80::c device \"eth0\" drop"}) {
    CAPTURE(moved, line);
    CHECK(moved.find(line) != moved.npos);
  }
  CHECK(moved.starts_with(diversion_removal("eth0", {51}, Family::V6)));
  const auto silent =
      silence_ruleset({.interface = "eth0", .vrid = {51}, .addresses = {service}, .own = own});
  for (const auto* line : {"table ip6 mainstay_hold_51_eth0 {",
                           "nd-neighbor-solicit @th,64,128 0x20010db8000000000000000000000100 drop",
                           "nd-neighbor-advert @th,64,128 0x20010db8000000000000000000000100 drop",
                           "nd-neighbor-solicit ip6 saddr 2001:db8::100 ip6 saddr set fe80::b"}) {
    CAPTURE(silent, line);
    CHECK(silent.find(line) != silent.npos);
  }
  CHECK(silent.starts_with(silence_removal("eth0", {51}, Family::V6)));
}

}  // namespace
}  // namespace vrrp::link
