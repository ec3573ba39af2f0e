#include "vrrpd/packet/checksum.hpp"

#include "tests/support/catch.hpp"

namespace vrrp::packet {
namespace {

const auto kSource = common::IpAddress::v4(0xC0A80A0B);
const auto kGroup = common::IpAddress::v4(0xE0000012);

TEST_CASE("The checksum of the message alone is RFC 1071's", "[vrrp][packet][rfc9568-5.2.8]") {
  // The example of RFC 1071 §3: the sum is ddf2.
  const std::vector<std::uint8_t> octets{0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7};
  CHECK(checksum(octets, ChecksumForm::MessageOnly, kSource, kGroup) == 0xFFFF - 0xDDF2);
}

TEST_CASE("The pseudo header adds addresses, protocol and length",
          "[vrrp][packet][rfc9568-5.2.8]") {
  // c0a8 + 0a0b + e000 + 0012 + 0070 + 0002 = 1ab37 -> ab38; of the message: 0001.
  const std::vector<std::uint8_t> octets{0x00, 0x01};
  CHECK(checksum(octets, ChecksumForm::PseudoHeader, kSource, kGroup) == 0xFFFF - 0xAB39);
}

TEST_CASE("An odd last octet counts as the higher half of a word", "[vrrp][packet]") {
  const std::vector<std::uint8_t> odd{0x12};
  const std::vector<std::uint8_t> even{0x12, 0x00};
  CHECK(checksum(odd, ChecksumForm::MessageOnly, kSource, kGroup) ==
        checksum(even, ChecksumForm::MessageOnly, kSource, kGroup));
}

TEST_CASE("A message of the largest size with all bits set does not overflow", "[vrrp][packet]") {
  const std::vector<std::uint8_t> octets(65535, 0xFF);
  CHECK(checksum(octets, ChecksumForm::MessageOnly, kSource, kGroup) == 0x00FF);
}

}  // namespace
}  // namespace vrrp::packet
