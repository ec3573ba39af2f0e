#include "vrrpd/packet/receive_checks.hpp"

#include <algorithm>

namespace vrrp::packet {
namespace {

constexpr std::uint8_t kRequiredTimeToLive = 255;
constexpr std::uint16_t kIntervalBits =
    0x0FFF;  // the four above are reserved, ignored on reception (§5.2.6)

bool checksum_is_right(const Datagram& datagram, common::Octets message) {
  return std::ranges::any_of(
      std::array{ChecksumForm::PseudoHeader, ChecksumForm::MessageOnly}, [&](ChecksumForm form) {
        return checksum(message, form, datagram.source, datagram.destination) == 0;
      });
}

}  // namespace

std::string_view name(Refusal refusal) {
  switch (refusal) {
    case Refusal::TimeToLive:
      return "time_to_live";
    case Refusal::Version:
      return "version";
    case Refusal::Type:
      return "type";
    case Refusal::Length:
      return "length";
    case Refusal::Checksum:
      return "checksum";
    case Refusal::Vrid:
      return "vrid";
    case Refusal::AddressCount:
      return "address_count";
    case Refusal::Interval:
      return "interval";
    case Refusal::Destination:
      return "destination";
    case Refusal::OwnSource:
      return "own_source";
  }
  return "unknown";
}

common::Result<Advertisement, Refusal> check(const Datagram& datagram,
                                             std::span<const Vrid> configured,
                                             const common::IpAddress& own) {
  const auto octets = datagram.message;
  if (datagram.time_to_live != kRequiredTimeToLive) return Refusal::TimeToLive;
  if (octets.empty()) return Refusal::Length;
  if (octets[0] >> 4U != kVersion) return Refusal::Version;
  if ((octets[0] & 0x0FU) != kTypeAdvertisement) return Refusal::Type;

  if (octets.size() < kFixedOctets) return Refusal::Length;
  const std::size_t count = octets[3];
  if (octets.size() < kFixedOctets + 4 * count) return Refusal::Length;
  const auto message = octets.first(kFixedOctets + 4 * count);
  if (!checksum_is_right(datagram, message)) return Refusal::Checksum;

  Advertisement advertisement{.vrid = {octets[1]}, .priority = {octets[2]}, .addresses = {}};
  if (std::ranges::find(configured, advertisement.vrid) == configured.end()) return Refusal::Vrid;
  if (count == 0) return Refusal::AddressCount;
  const auto interval = common::load_big_endian<std::uint16_t>(message.subspan<4, 2>());
  advertisement.max_advertise_interval = Centiseconds{interval & kIntervalBits};
  if (advertisement.max_advertise_interval < kShortestInterval) return Refusal::Interval;
  if (datagram.destination != multicast_group()) return Refusal::Destination;
  if (datagram.source == own) return Refusal::OwnSource;

  common::OctetReader addresses{message.subspan(kFixedOctets)};
  while (const auto address = addresses.read<std::uint32_t>())
    advertisement.addresses.push_back(common::IpAddress::v4(*address));
  return advertisement;
}

}  // namespace vrrp::packet
