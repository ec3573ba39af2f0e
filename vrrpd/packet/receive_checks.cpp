#include "vrrpd/packet/receive_checks.hpp"

#include <algorithm>
#include <optional>

namespace vrrp::packet {
namespace {

constexpr std::uint8_t kRequiredTimeToLive = 255;
constexpr std::uint16_t kIntervalBits =
    0x0FFF;  // the four above are reserved, ignored on reception (§5.2.6)

const Listener* find(std::span<const Listener> listeners, const Datagram& datagram) {
  if (datagram.message.size() < 2) return nullptr;
  const auto wanted = [&](const Listener& listener) {
    return listener.vrid.value == datagram.message[1] &&
           listener.family == family_of(datagram.source);
  };
  const auto found = std::ranges::find_if(listeners, wanted);
  return found == listeners.end() ? nullptr : &*found;
}

/// By the Virtual Router that is meant; when there is none, by any.
bool is_spoken(Version version, Family family, const Listener* listener) {
  if (listener != nullptr) return version == listener->version;
  return version == Version::V3 || (version == Version::V2 && family == Family::V4);
}

/// IPv6 covers whatever the IP header says there is, a trailer included; some cover the message
/// alone. IPv4 was read in both ways, and never covers a trailer.
bool checksum_is_right(const Datagram& datagram, common::Octets message, Version version) {
  const auto right = [&](common::Octets covered, ChecksumForm form) {
    return checksum(covered, form, datagram.source, datagram.destination) == 0;
  };
  if (version == Version::V2) return right(message, ChecksumForm::MessageOnly);
  if (right(message, ChecksumForm::PseudoHeader)) return true;
  return datagram.source.is_v6() ? right(datagram.message, ChecksumForm::PseudoHeader)
                                 : right(message, ChecksumForm::MessageOnly);
}

bool is_link_local(common::Octets address) {
  return address[0] == 0xFE && (address[1] & 0xC0U) == 0x80;
}

std::vector<common::IpAddress> addresses_of(common::Octets octets, Family family,
                                            std::size_t count) {
  std::vector<common::IpAddress> addresses;
  addresses.reserve(count);
  common::OctetReader reader{octets};
  for (std::size_t i = 0; i < count && family == Family::V4; ++i)
    addresses.push_back(common::IpAddress::v4(reader.read<std::uint32_t>().value_or(0)));
  for (std::size_t i = 0; i < count && family == Family::V6; ++i) {
    std::array<std::uint8_t, 16> address{};
    std::ranges::copy(octets.subspan(16 * i, 16), address.begin());
    addresses.push_back(common::IpAddress::v6(address));
  }
  return addresses;
}

/// Who may send it, and to whom. A unicast router does not listen to the group: what a typing error
/// among the peers would undo.
std::optional<Refusal> check_ends(const Datagram& datagram, const Listener& listener,
                                  const common::IpAddress& own) {
  const bool to_group = datagram.destination == multicast_group(listener.family);
  if (to_group != listener.peers.empty()) return Refusal::Destination;
  if (!to_group && std::ranges::find(listener.peers, datagram.source) == listener.peers.end())
    return Refusal::Source;
  if (datagram.source == own) return Refusal::OwnSource;
  return std::nullopt;
}

Centiseconds interval_of(common::Octets message, Version version) {
  if (version == Version::V2) return std::chrono::seconds{message[5]};
  return Centiseconds{common::load_big_endian<std::uint16_t>(message.subspan<4, 2>()) &
                      kIntervalBits};
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
    case Refusal::AuthenticationType:
      return "authentication_type";
    case Refusal::AddressCount:
      return "address_count";
    case Refusal::FirstAddress:
      return "first_address";
    case Refusal::Interval:
      return "interval";
    case Refusal::Destination:
      return "destination";
    case Refusal::Source:
      return "source";
    case Refusal::OwnSource:
      return "own_source";
    case Refusal::Unsigned:
      return "unsigned";
    case Refusal::Trailer:
      return "trailer";
    case Refusal::Stale:
      return "stale";
    case Refusal::UnknownKey:
      return "unknown_key";
    case Refusal::Hmac:
      return "hmac";
    case Refusal::Replay:
      return "replay";
  }
  return "unknown";
}

common::Result<Advertisement, Refusal> check(const Datagram& datagram,
                                             std::span<const Listener> listeners,
                                             const common::IpAddress& own) {
  const auto octets = datagram.message;
  const auto family = family_of(datagram.source);
  const auto* const listener = find(listeners, datagram);
  if (datagram.time_to_live < (listener ? listener->least_time_to_live : kRequiredTimeToLive))
    return Refusal::TimeToLive;
  if (octets.empty()) return Refusal::Length;
  const auto version = static_cast<Version>(octets[0] >> 4U);
  if (!is_spoken(version, family, listener)) return Refusal::Version;
  if ((octets[0] & 0x0FU) != kTypeAdvertisement) return Refusal::Type;

  if (octets.size() < kFixedOctets) return Refusal::Length;
  const std::size_t count = octets[3];
  if (octets.size() < message_octets(version, family, count)) return Refusal::Length;
  const auto message = message_of(datagram);
  if (!checksum_is_right(datagram, message, version)) return Refusal::Checksum;

  if (listener == nullptr) return Refusal::Vrid;
  if (version == Version::V2 && message[4] != 0) return Refusal::AuthenticationType;
  if (count == 0) return Refusal::AddressCount;
  const auto addresses = message.subspan(kFixedOctets);
  if (family == Family::V6 && !is_link_local(addresses)) return Refusal::FirstAddress;
  const auto interval = interval_of(message, version);
  if (interval < kShortestInterval) return Refusal::Interval;
  if (version == Version::V2 && interval != listener->advertisement_interval)
    return Refusal::Interval;
  if (const auto refusal = check_ends(datagram, *listener, own)) return *refusal;

  return Advertisement{.version = version,
                       .vrid = {octets[1]},
                       .priority = {octets[2]},
                       .max_advertise_interval = interval,
                       .addresses = addresses_of(addresses, family, count)};
}

common::Octets message_of(const Datagram& datagram) {
  const auto octets = datagram.message;
  return octets.first(
      message_octets(static_cast<Version>(octets[0] >> 4U), family_of(datagram.source), octets[3]));
}

}  // namespace vrrp::packet
