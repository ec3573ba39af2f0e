#include "vrrpd/packet/advertisement.hpp"

#include "common/contract.hpp"

#include <algorithm>

namespace vrrp::packet {
namespace {

constexpr std::size_t kChecksumAt = 6;
constexpr std::size_t kVersion2AuthenticationOctets = 8;

/// Octets 4 and 5: Max_Advertise_Interval (§5.2.7) under four reserved bits, or in VRRPv2 no
/// authentication and the interval in seconds.
std::uint16_t interval_field(const Advertisement& advertisement) {
  const auto interval = advertisement.max_advertise_interval;
  if (advertisement.version == Version::V3) {
    common::expects(interval >= kShortestInterval && interval <= kLongestInterval,
                    "an interval fits 12 bits and is not 0");
    return static_cast<std::uint16_t>(interval.count());
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval);
  common::expects(interval == seconds && seconds.count() >= 1 && seconds.count() <= 255,
                  "VRRPv2 says whole seconds in one octet");
  return static_cast<std::uint16_t>(seconds.count());
}

}  // namespace

common::IpAddress multicast_group(Family family) {
  if (family == Family::V4) return common::IpAddress::v4(0xE0000012);
  return common::IpAddress::v6({0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12});
}

Family family_of(const common::IpAddress& address) {
  return address.is_v6() ? Family::V6 : Family::V4;
}

std::size_t message_octets(Version version, Family family, std::size_t addresses) {
  return kFixedOctets + octets_of_address(family) * addresses +
         (version == Version::V2 ? kVersion2AuthenticationOctets : 0);
}

std::vector<std::uint8_t> encode(const Advertisement& advertisement, ChecksumForm form,
                                 const common::IpAddress& source,
                                 const common::IpAddress& destination) {
  const auto count = advertisement.addresses.size();
  common::expects(count >= 1 && count <= kMostAddresses,
                  "an advertisement names 1 to 255 addresses");
  const auto family = family_of(source);
  const auto version = static_cast<unsigned>(advertisement.version);

  std::vector<std::uint8_t> octets{static_cast<std::uint8_t>(version << 4U | kTypeAdvertisement),
                                   advertisement.vrid.value, advertisement.priority.value,
                                   static_cast<std::uint8_t>(count)};
  octets.reserve(message_octets(advertisement.version, family, count));
  common::append_big_endian(octets, interval_field(advertisement));
  common::append_big_endian(octets, std::uint16_t{0});  // the checksum, until it is known
  for (const auto& address : advertisement.addresses) {
    const auto all = common::Octets{address.octets()};
    const auto part = all.first(octets_of_address(family));
    octets.insert(octets.end(), part.begin(), part.end());
  }
  octets.resize(message_octets(advertisement.version, family, count));
  seal(octets, advertisement.version == Version::V2 ? ChecksumForm::MessageOnly : form, source,
       destination);
  return octets;
}

void seal(std::span<std::uint8_t> message, ChecksumForm form, const common::IpAddress& source,
          const common::IpAddress& destination) {
  const auto field = message.subspan(kChecksumAt, 2);
  std::ranges::fill(field, std::uint8_t{0});
  std::ranges::copy(common::to_big_endian(checksum(message, form, source, destination)),
                    field.begin());
}

}  // namespace vrrp::packet
