#include "vrrpd/packet/neighbor_claim.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/packet/checksum.hpp"
#include "vrrpd/packet/gratuitous_arp.hpp"
#include "vrrpd/packet/neighbor_advertisement.hpp"

namespace vrrp::packet {
namespace {

constexpr MacAddress kMac{2, 0, 0, 0, 0, 12};
const auto kIpv4 = common::IpAddress::v4(0xC0A80A64);
const auto kIpv6 = *common::IpAddress::parse("2001:db8::1:2:3");

TEST_CASE("Announcements claim their address", "[vrrp][packet][rivals]") {
  const auto form = GENERATE(ArpForm::Request, ArpForm::Reply);
  CHECK(neighbor_claim(gratuitous_arp(kIpv4, kMac, form)) == NeighborClaim{kIpv4, kMac});
  CHECK(neighbor_claim(neighbor_advertisement(kIpv6, kMac)) == NeighborClaim{kIpv6, kMac});
}

TEST_CASE("An advertisement without its option claims for the sender of the frame",
          "[vrrp][packet][rivals]") {
  const auto frame = neighbor_advertisement(kIpv6, kMac);
  CHECK(neighbor_claim(common::Octets{frame}.first(frame.size() - 8)) ==
        NeighborClaim{kIpv6, kMac});
}

TEST_CASE("A probe claims nothing", "[vrrp][packet][rivals]") {
  CHECK_FALSE(neighbor_claim(ownership_probe(kIpv4, kMac)).has_value());
  CHECK_FALSE(neighbor_claim(ownership_probe(kIpv6, kMac)).has_value());
}

TEST_CASE("A probe is as RFC 5227 and RFC 4862 have it", "[vrrp][packet][rivals]") {
  const std::vector<std::uint8_t> arp{
      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2,  0, 0, 0, 0, 12, 8, 6, 0, 1, 8, 0,   6,   4,  0,
      1,    2,    0,    0,    0,    0,    12, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 192, 168, 10, 100};
  CHECK(ownership_probe(kIpv4, kMac) == arp);
  const auto ndp = ownership_probe(kIpv6, kMac);
  REQUIRE(ndp.size() == 78);
  CHECK(ndp[3] == 2);  // the end of the solicited-node group: ff02::1:ff02:0003
  CHECK(ndp[54] == 135);
  CHECK(checksum(common::Octets{ndp}.subspan(54), *common::IpAddress::parse("::"),
                 *common::IpAddress::parse("ff02::1:ff02:3"), 58) == 0);
}

TEST_CASE("What is cut or something else claims nothing", "[vrrp][packet][rivals]") {
  const auto arp = gratuitous_arp(kIpv4, kMac, ArpForm::Reply);
  for (std::size_t size = 0; size < arp.size(); ++size)
    CHECK_FALSE(neighbor_claim(common::Octets{arp}.first(size)).has_value());
  const auto ndp = neighbor_advertisement(kIpv6, kMac);
  for (std::size_t size = 0; size < 78; ++size)
    CHECK_FALSE(neighbor_claim(common::Octets{ndp}.first(size)).has_value());
  auto other = arp;
  other[13] = 0;  // IPv4
  CHECK_FALSE(neighbor_claim(other).has_value());
  other = arp;
  other[18] = 8;  // a hardware address of eight octets
  CHECK_FALSE(neighbor_claim(other).has_value());
}

}  // namespace
}  // namespace vrrp::packet
