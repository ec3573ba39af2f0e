#include "vrrpd/link/lease.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::link {
namespace {

using namespace std::chrono_literals;

constexpr int kIndex = 7;

LeaseOptions lease(int vrid, std::vector<std::string_view> addresses,
                   std::chrono::milliseconds duration, bool alive = false) {
  LeaseOptions options{.vrid = {static_cast<std::uint8_t>(vrid)},
                       .addresses = {},
                       .duration = duration,
                       .alive = alive};
  for (const auto address : addresses)
    options.addresses.push_back(*common::IpAddress::parse(address));
  return options;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST_CASE("The leases of an interface name each address and each router", "[vrrp][link][lease]") {
  LeaseTable table{"eth0.100", Family::V4};
  table.set(lease(51, {"192.168.10.100", "192.168.10.101"}, 30ms));
  table.set(lease(52, {"192.168.10.102"}, 3s));
  const auto text = table.commands(kIndex);
  const auto* line = GENERATE(
      "table netdev mainstay_vrrp_eth0_100 {", "hook egress device \"eth0.100\"",
      "hook ingress device \"eth0.100\"", "renew_51 update @alive_51 { meta oif timeout 30ms }",
      "renew_52 update @alive_52 { meta oif timeout 3000ms }",
      "out ip protocol 112 @th,8,8 vmap { 51 : jump renew_51, 52 : jump renew_52 }",
      "192.168.10.101 . 192.168.10.101 : jump renew_51",
      "in ip daddr vmap { 192.168.10.100 : goto admit_51, 192.168.10.101 : goto admit_51, "
      "192.168.10.102 : goto admit_52 }",
      "in arp daddr ip vmap { 192.168.10.100 : goto answer_51",
      "answer_51 meta iif @alive_51 accept\nadd rule netdev mainstay_vrrp_eth0_100 answer_51 drop");
  CAPTURE(text);
  CHECK(has(text, line));
  CHECK_FALSE(has(text, "add element"));
  // Whatever an earlier run left goes in the same transaction.
  CHECK(
      text.starts_with("add table netdev mainstay_vrrp_eth0_100\n"
                       "delete table netdev mainstay_vrrp_eth0_100\n"));
}

TEST_CASE("A lease that goes on where another was is alive from the beginning",
          "[vrrp][link][lease]") {
  LeaseTable table{"eth0", Family::V4};
  table.set(lease(51, {"192.168.10.100"}, 300ms, true));
  CHECK(has(table.commands(kIndex),
            "add element netdev mainstay_vrrp_eth0 alive_51 { \"eth0\" timeout 300ms }"));
}

TEST_CASE("The leases of IPv6 addresses have a table of their own and know neighbour discovery",
          "[vrrp][link][lease]") {
  LeaseTable table{"eth0", Family::V6};
  table.set(lease(51, {"fe80::100", "2001:db8::100"}, 30ms));
  const auto text = table.commands(kIndex);
  const auto* line = GENERATE(
      "table netdev mainstay_vrrp6_eth0 {", "ip6 nexthdr 112 @th,8,8 vmap { 51 : jump renew_51 }",
      "@th,0,8 136 @th,64,128 vmap { 0xfe800000000000000000000000000100 : jump renew_51, "
      "0x20010db8000000000000000000000100 : jump renew_51 }",
      "ip6 daddr vmap { fe80::100 : goto admit_51",
      "@th,0,8 135 @th,64,128 vmap { 0xfe800000000000000000000000000100 : goto answer_51");
  CAPTURE(text);
  CHECK(has(text, line));
}

TEST_CASE("An address that moves from one router to another stands in a map once",
          "[vrrp][link][lease]") {
  LeaseTable table{"eth0", Family::V4};
  table.set(lease(51, {"192.168.10.100"}, 300ms));
  table.set(lease(52, {"192.168.10.100"}, 300ms));
  CHECK(has(table.commands(kIndex), "ip daddr vmap { 192.168.10.100 : goto admit_51 }"));
  table.set(lease(51, {"192.168.10.101"}, 300ms));
  CHECK(has(table.commands(kIndex),
            "ip daddr vmap { 192.168.10.101 : goto admit_51, 192.168.10.100 : goto admit_52 }"));
}

TEST_CASE("Who is not installed has no lease, and nothing is asked of the kernel",
          "[vrrp][link][lease]") {
  LeaseTable table{"eth0", Family::V4};
  table.flush(kIndex);
  CHECK_FALSE(table.refusal());
  table.set(lease(51, {"192.168.10.100"}, 300ms));
  table.flush(0);  // the interface is not there
  CHECK_FALSE(table.installed({51}));
  CHECK_FALSE(table.hold({51}, true));
  table.remove({51});
}

}  // namespace
}  // namespace vrrp::link
