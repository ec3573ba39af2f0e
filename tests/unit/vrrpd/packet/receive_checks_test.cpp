#include "vrrpd/packet/receive_checks.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <functional>

namespace vrrp::packet {
namespace {

const auto kOwn = common::IpAddress::v4(0xC0A80A0B);
const auto kPeer = common::IpAddress::v4(0xC0A80A0C);
const std::array kConfigured{Vrid{51}, Vrid{52}};

/// A right packet, for a case to make wrong.
struct Packet {
  std::vector<std::uint8_t> octets =
      encode({.vrid = {51},
              .priority = {100},
              .max_advertise_interval = Centiseconds{100},
              .addresses = {common::IpAddress::v4(0xC0A80A64), common::IpAddress::v4(0xC0A80A65)}},
             ChecksumForm::PseudoHeader, kPeer);
  common::IpAddress source{kPeer};
  common::IpAddress destination{multicast_group()};
  std::uint8_t time_to_live{255};

  void seal(ChecksumForm form = ChecksumForm::PseudoHeader) {
    octets[6] = octets[7] = 0;
    const auto covered = std::min(octets.size(), kFixedOctets + 4 * octets[3]);
    const auto sum = common::to_big_endian(
        checksum(common::Octets{octets}.first(covered), form, source, destination));
    std::ranges::copy(sum, octets.begin() + 6);
  }
  common::Result<Advertisement, Refusal> checked() const {
    return check({source, destination, time_to_live, octets}, kConfigured, kOwn);
  }
};

TEST_CASE("An advertisement that is wrong is refused for its reason",
          "[vrrp][packet][rfc9568-7.1]") {
  struct Case {
    const char* name;
    void (*spoil)(Packet&);
    Refusal reason;
  };
  const auto c = GENERATE(values<Case>({
      {"TTL 254", [](Packet& p) { p.time_to_live = 254; }, Refusal::TimeToLive},
      {"TTL 0", [](Packet& p) { p.time_to_live = 0; }, Refusal::TimeToLive},
      {"version 2",
       [](Packet& p) {
         p.octets[0] = 0x21;
         p.seal();
       },
       Refusal::Version},
      {"version 4",
       [](Packet& p) {
         p.octets[0] = 0x41;
         p.seal();
       },
       Refusal::Version},
      {"type 0",
       [](Packet& p) {
         p.octets[0] = 0x30;
         p.seal();
       },
       Refusal::Type},
      {"type 2",
       [](Packet& p) {
         p.octets[0] = 0x32;
         p.seal();
       },
       Refusal::Type},
      {"nothing", [](Packet& p) { p.octets.clear(); }, Refusal::Length},
      {"one octet", [](Packet& p) { p.octets.resize(1); }, Refusal::Length},
      {"fixed part cut", [](Packet& p) { p.octets.resize(7); }, Refusal::Length},
      {"addresses cut", [](Packet& p) { p.octets.resize(8); }, Refusal::Length},
      {"last address cut", [](Packet& p) { p.octets.pop_back(); }, Refusal::Length},
      {"one address too many promised",
       [](Packet& p) {
         p.octets[3] = 3;
         p.seal();
       },
       Refusal::Length},
      {"a bit of the checksum", [](Packet& p) { p.octets[6] ^= 1; }, Refusal::Checksum},
      {"a bit of an address", [](Packet& p) { p.octets[11] ^= 1; }, Refusal::Checksum},
      {"a bit of the priority", [](Packet& p) { p.octets[2] ^= 1; }, Refusal::Checksum},
      {"sealed for another source", [](Packet& p) { p.source = common::IpAddress::v4(0xC0A80A0D); },
       Refusal::Checksum},
      {"a VRID that is not here",
       [](Packet& p) {
         p.octets[1] = 53;
         p.seal();
       },
       Refusal::Vrid},
      {"VRID 0",
       [](Packet& p) {
         p.octets[1] = 0;
         p.seal();
       },
       Refusal::Vrid},
      {"no address (erratum 8299)",
       [](Packet& p) {
         p.octets[3] = 0;
         p.octets.resize(8);
         p.seal();
       },
       Refusal::AddressCount},
      {"interval 0 (erratum 8301)",
       [](Packet& p) {
         p.octets[4] = p.octets[5] = 0;
         p.seal();
       },
       Refusal::Interval},
      {"interval 0, reserved bits set",
       [](Packet& p) {
         p.octets[4] = 0xF0;
         p.octets[5] = 0;
         p.seal();
       },
       Refusal::Interval},
      {"unicast",
       [](Packet& p) {
         p.destination = kOwn;
         p.seal();
       },
       Refusal::Destination},
      {"all hosts",
       [](Packet& p) {
         p.destination = common::IpAddress::v4(0xE0000001);
         p.seal();
       },
       Refusal::Destination},
      {"our own address",
       [](Packet& p) {
         p.source = kOwn;
         p.seal();
       },
       Refusal::OwnSource},
  }));
  CAPTURE(c.name);
  Packet packet;
  c.spoil(packet);
  const auto checked = packet.checked();
  REQUIRE(checked.has_error());
  CHECK(name(checked.error()) == name(c.reason));
}

TEST_CASE("The checks come in the order of the RFC", "[vrrp][packet][rfc9568-7.1]") {
  // Everything is wrong; each step mends what the step before was refused for.
  Packet packet;
  packet.time_to_live = 1;
  packet.source = kOwn;
  packet.destination = kOwn;
  packet.octets = {0x22, 99, 1, 1, 0, 0, 0x12, 0x34};
  std::vector<std::string_view> order;
  const auto refused = [&] { order.push_back(name(packet.checked().error())); };
  refused();
  packet.time_to_live = 255;
  refused();
  packet.octets[0] = 0x32;
  refused();
  packet.octets[0] = 0x31;
  refused();
  packet.octets[3] = 0;
  refused();
  packet.seal();
  refused();
  packet.octets[1] = 51;
  packet.seal();
  refused();
  packet.octets[3] = 1;
  packet.octets.resize(12);
  packet.seal();
  refused();
  packet.octets[5] = 1;
  packet.seal();
  refused();
  packet.destination = multicast_group();
  packet.seal();
  refused();
  CHECK(order == std::vector<std::string_view>{"time_to_live", "version", "type", "length",
                                               "checksum", "vrid", "address_count", "interval",
                                               "destination", "own_source"});
}

TEST_CASE("Both readings of the IPv4 checksum are understood", "[vrrp][packet][rfc9568-5.2.8]") {
  Packet packet;
  packet.seal(GENERATE(ChecksumForm::PseudoHeader, ChecksumForm::MessageOnly));
  CHECK(packet.checked().has_value());
}

TEST_CASE("Reserved bits are ignored on reception", "[vrrp][packet][rfc9568-5.2.6]") {
  Packet packet;
  packet.octets[4] |= 0xF0;
  packet.seal();
  const auto checked = packet.checked();
  REQUIRE(checked.has_value());
  CHECK(checked->max_advertise_interval == Centiseconds{100});
}

TEST_CASE("Octets after the addresses are allowed", "[vrrp][packet]") {
  Packet packet;
  packet.octets.resize(packet.octets.size() + 28, 0xAA);  // such as an authentication trailer
  const auto checked = packet.checked();
  REQUIRE(checked.has_value());
  CHECK(checked->addresses.size() == 2);
}

TEST_CASE("Another router of the interface is known by its VRID", "[vrrp][packet][rfc9568-7.1]") {
  Packet packet;
  packet.octets[1] = 52;
  packet.seal();
  CHECK(packet.checked()->vrid == Vrid{52});
}

TEST_CASE("Every prefix of an advertisement and every flipped bit is refused or still complete",
          "[vrrp][packet]") {
  const Packet right;
  for (std::size_t size = 0; size < right.octets.size(); ++size) {
    Packet cut;
    cut.octets.resize(size);
    CHECK(cut.checked().has_error());
  }
  for (std::size_t bit = 0; bit < right.octets.size() * 8; ++bit) {
    Packet flipped;
    flipped.octets[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CAPTURE(bit);
    CHECK(flipped.checked().has_error());
  }
}

TEST_CASE("Every reason has a name of its own", "[vrrp][packet]") {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kRefusals; ++i) names.push_back(name(static_cast<Refusal>(i)));
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
  CHECK(std::ranges::find(names, "unknown") == names.end());
}

}  // namespace
}  // namespace vrrp::packet
