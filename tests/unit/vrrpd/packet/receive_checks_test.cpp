#include "vrrpd/packet/receive_checks.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <functional>
#include <optional>

namespace vrrp::packet {
namespace {

const auto kOwn = common::IpAddress::v4(0xC0A80A0B);
const auto kPeer = common::IpAddress::v4(0xC0A80A0C);
const std::array kListeners{Listener{.vrid = {51}}, Listener{.vrid = {52}}};
const auto kGroup = multicast_group(Family::V4);

/// A right packet, for a case to make wrong.
struct Packet {
  std::vector<std::uint8_t> octets =
      encode({.vrid = {51},
              .priority = {100},
              .max_advertise_interval = Centiseconds{100},
              .addresses = {common::IpAddress::v4(0xC0A80A64), common::IpAddress::v4(0xC0A80A65)}},
             ChecksumForm::PseudoHeader, kPeer, kGroup);
  common::IpAddress source{kPeer};
  common::IpAddress destination{kGroup};
  std::uint8_t time_to_live{255};

  void seal(ChecksumForm form = ChecksumForm::PseudoHeader) {
    const auto covered = std::min(octets.size(), kFixedOctets + 4 * octets[3]);
    packet::seal(std::span{octets}.first(covered), form, source, destination);
  }
  common::Result<Advertisement, Refusal> checked() const {
    return check({source, destination, time_to_live, octets}, kListeners, kOwn);
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
  packet.octets = {0x42, 99, 1, 1, 0, 0, 0x12, 0x34};
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
  packet.destination = kGroup;
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

// Unicast

TEST_CASE("A unicast router hears its peers alone, and no group", "[vrrp][packet][unicast]") {
  const std::array peers{kPeer, common::IpAddress::v4(0x0A000001)};
  const std::array listeners{Listener{.vrid = {51}, .peers = peers, .least_time_to_live = 250}};
  struct Case {
    const char* name;
    void (*change)(Packet&);
    std::optional<Refusal> reason;
  };
  const auto c = GENERATE(values<Case>({
      {"from a peer", [](Packet&) {}, std::nullopt},
      {"from a peer five routers away", [](Packet& p) { p.time_to_live = 250; }, std::nullopt},
      {"from one farther away", [](Packet& p) { p.time_to_live = 249; }, Refusal::TimeToLive},
      {"from the other peer", [](Packet& p) { p.source = common::IpAddress::v4(0x0A000001); },
       std::nullopt},
      {"from a stranger", [](Packet& p) { p.source = common::IpAddress::v4(0x0A000002); },
       Refusal::Source},
      {"from a peer to the group", [](Packet& p) { p.destination = kGroup; }, Refusal::Destination},
  }));
  CAPTURE(c.name);
  Packet packet;
  packet.destination = kOwn;
  c.change(packet);
  packet.seal();
  const auto checked = check(
      {packet.source, packet.destination, packet.time_to_live, packet.octets}, listeners, kOwn);
  REQUIRE(checked.has_value() == !c.reason.has_value());
  if (c.reason) CHECK(name(checked.error()) == name(*c.reason));
}

// VRRPv2

TEST_CASE("A router of VRRPv2 hears VRRPv2 with its own interval", "[vrrp][packet][rfc3768-7.1]") {
  const std::array listeners{
      Listener{.vrid = {51}, .version = Version::V2, .advertisement_interval = Centiseconds{200}}};
  struct Case {
    const char* name;
    void (*change)(std::vector<std::uint8_t>&);
    std::optional<Refusal> reason;
  };
  const auto c = GENERATE(values<Case>({
      {"right", [](auto&) {}, std::nullopt},
      {"three seconds", [](auto& o) { o[5] = 3; }, Refusal::Interval},
      {"a password", [](auto& o) { o[4] = 1; }, Refusal::AuthenticationType},
      {"no room for authentication data", [](auto& o) { o.pop_back(); }, Refusal::Length},
      {"version 3", [](auto& o) { o[0] = 0x31; }, Refusal::Version},
  }));
  CAPTURE(c.name);
  auto octets = encode({.version = Version::V2,
                        .vrid = {51},
                        .priority = {100},
                        .max_advertise_interval = Centiseconds{200},
                        .addresses = {common::IpAddress::v4(0xC0A80A64)}},
                       ChecksumForm::PseudoHeader, kPeer, kGroup);
  REQUIRE(octets.size() == 20);
  c.change(octets);
  seal(octets, ChecksumForm::MessageOnly, kPeer, kGroup);
  const auto checked = check({kPeer, kGroup, 255, octets}, listeners, kOwn);
  REQUIRE(checked.has_value() == !c.reason.has_value());
  if (c.reason)
    CHECK(name(checked.error()) == name(*c.reason));
  else
    CHECK(checked->max_advertise_interval == Centiseconds{200});
}

// IPv6

TEST_CASE("An IPv6 advertisement", "[vrrp][packet][rfc9568-5.2.9]") {
  const auto v6 = [](const char* text) { return *common::IpAddress::parse(text); };
  const std::array listeners{Listener{.vrid = {51}}, Listener{.vrid = {51}, .family = Family::V6}};
  const auto group = multicast_group(Family::V6);
  CHECK(group == v6("ff02::12"));
  auto octets =
      encode({.vrid = {51}, .priority = {100}, .addresses = {v6("fe80::100"), v6("2001:db8::100")}},
             ChecksumForm::MessageOnly, v6("fe80::2"), group);
  CHECK(octets.size() == 8 + 2 * 16);
  std::size_t covered = octets.size();
  common::IpAddress destination = group;
  std::optional<Refusal> reason;
  SECTION("is understood") {}
  SECTION("has a trailer, and the checksum covers it") {
    octets.resize(octets.size() + 28, 0xAA);
    covered = octets.size();
  }
  SECTION("has a trailer, and the checksum does not cover it") {
    octets.resize(octets.size() + 28, 0xAA);
  }
  SECTION("begins with a global address (erratum 8300)") {
    octets[8] = 0x20;
    reason = Refusal::FirstAddress;
  }
  SECTION("names the group of IPv4 nodes") {
    destination = v6("ff02::1");
    reason = Refusal::Destination;
  }
  SECTION("is of version 2") {
    octets[0] = 0x21;
    reason = Refusal::Version;
  }
  seal(std::span{octets}.first(covered), ChecksumForm::PseudoHeader, v6("fe80::2"), destination);
  const auto checked = check({v6("fe80::2"), destination, 255, octets}, listeners, v6("fe80::1"));
  REQUIRE(checked.has_value() == !reason.has_value());
  if (reason)
    CHECK(name(checked.error()) == name(*reason));
  else
    CHECK(checked->addresses[1] == v6("2001:db8::100"));
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
