#include "vrrpd/packet/advertisement.hpp"

#include "tests/support/catch.hpp"
#include "vrrpd/packet/receive_checks.hpp"

namespace vrrp::packet {
namespace {

const auto kSource = common::IpAddress::v4(0xC0A80A0B);
const auto kGroup = multicast_group(Family::V4);
const auto kOther = common::IpAddress::v4(0xC0A80A0C);

TEST_CASE("An advertisement as keepalived 2.2.7 puts it on the wire",
          "[vrrp][packet][rfc9568-5.1]") {
  const Advertisement advertisement{.vrid = {51},
                                    .priority = {200},
                                    .max_advertise_interval = Centiseconds{10},
                                    .addresses = {common::IpAddress::v4(0xC0A80A64)}};
  const std::vector<std::uint8_t> expected{0x31, 0x33, 0xC8, 0x01, 0x00, 0x0A,
                                           0x90, 0x71, 0xC0, 0xA8, 0x0A, 0x64};
  CHECK(encode(advertisement, ChecksumForm::PseudoHeader, kSource, kGroup) == expected);
}

TEST_CASE("An advertisement of VRRPv2 has its interval in seconds and room for authentication",
          "[vrrp][packet][rfc3768-5.1]") {
  const Advertisement advertisement{.version = Version::V2,
                                    .vrid = {51},
                                    .priority = {200},
                                    .max_advertise_interval = Centiseconds{100},
                                    .addresses = {common::IpAddress::v4(0xC0A80A64)}};
  const std::vector<std::uint8_t> expected{0x21, 0x33, 0xC8, 0x01, 0x00, 0x01, 0x4B,
                                           0xBD, 0xC0, 0xA8, 0x0A, 0x64, 0,    0,
                                           0,    0,    0,    0,    0,    0};
  CHECK(encode(advertisement, ChecksumForm::PseudoHeader, kSource, kGroup) == expected);
}

TEST_CASE("What is encoded passes the receive checks unchanged", "[vrrp][packet]") {
  const auto form = GENERATE(ChecksumForm::PseudoHeader, ChecksumForm::MessageOnly);
  const auto interval = GENERATE(1, 100, 4095);
  const auto count = GENERATE(1U, 2U, 255U);
  Advertisement advertisement{.vrid = {7},
                              .priority = {254},
                              .max_advertise_interval = Centiseconds{interval},
                              .addresses = {}};
  for (std::uint32_t i = 0; i < count; ++i)
    advertisement.addresses.push_back(common::IpAddress::v4(0xC0A80A00 + i));

  const auto octets = encode(advertisement, form, kSource, kGroup);
  CHECK(octets.size() == kFixedOctets + 4 * count);
  const std::array listeners{Listener{.vrid = {7}}};
  const auto checked =
      check({.source = kSource, .destination = kGroup, .time_to_live = 255, .message = octets},
            listeners, kOther);
  REQUIRE(checked.has_value());
  CHECK(*checked == advertisement);
}

}  // namespace
}  // namespace vrrp::packet
