#include "vrrpd/packet/advertisement_frame.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/packet/advertisement.hpp"
#include "vrrpd/packet/checksum.hpp"
#include "vrrpd/packet/mac_address.hpp"

#include <algorithm>

namespace vrrp::packet {
namespace {

const std::vector<std::uint8_t> kMessage{0x31, 51, 100, 1, 0, 100, 1, 2, 192, 168, 10, 100};

TEST_CASE("The virtual MAC address is of the number and the family",
          "[vrrp][packet][rfc9568-7.3]") {
  CHECK(to_string(virtual_mac({51}, Family::V4)) == "00:00:5e:00:01:33");
  CHECK(to_string(virtual_mac({255}, Family::V6)) == "00:00:5e:00:02:ff");
}

TEST_CASE("A frame with an IPv4 advertisement bears the virtual MAC address",
          "[vrrp][packet][rfc9568-7.3]") {
  const auto source = common::IpAddress::v4(0xC0A80A0B);
  const auto frame = advertisement_frame(kMessage, source, virtual_mac({51}, Family::V4));
  const std::vector<std::uint8_t> head{0x01, 0x00, 0x5E, 0x00, 0x00, 0x12, 0x00, 0x00, 0x5E, 0x00,
                                       0x01, 51,   0x08, 0x00,  // Ethernet
                                       0x45, 0xC0, 0,    32,   0,    0,    0x40, 0,    255,  112};
  REQUIRE(frame.size() == 14 + 20 + kMessage.size());
  CHECK(std::equal(head.begin(), head.end(), frame.begin()));
  const auto header = common::Octets{frame}.subspan(14, 20);
  CHECK(checksum(header, ChecksumForm::MessageOnly, source, source) == 0);
  CHECK(std::ranges::equal(header.last(8),
                           std::vector<std::uint8_t>{192, 168, 10, 11, 224, 0, 0, 18}));
  CHECK(std::ranges::equal(common::Octets{frame}.subspan(34), kMessage));
}

TEST_CASE("A frame with an IPv6 advertisement, too", "[vrrp][packet][rfc9568-7.3]") {
  const auto source = *common::IpAddress::parse("fe80::11");
  const auto frame = advertisement_frame(kMessage, source, virtual_mac({51}, Family::V6));
  const std::vector<std::uint8_t> head{0x33, 0x33, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00,
                                       0x5E, 0x00, 0x02, 51,   0x86, 0xDD,  // Ethernet
                                       0x6C, 0x00, 0,    0,    0,    12,   112,  255};
  REQUIRE(frame.size() == 14 + 40 + kMessage.size());
  CHECK(std::equal(head.begin(), head.end(), frame.begin()));
  CHECK(std::ranges::equal(common::Octets{frame}.subspan(22, 16), source.octets()));
  CHECK(std::ranges::equal(common::Octets{frame}.subspan(38, 16),
                           multicast_group(Family::V6).octets()));
  CHECK(std::ranges::equal(common::Octets{frame}.subspan(54), kMessage));
}

}  // namespace
}  // namespace vrrp::packet
