#include "vrrpd/packet/neighbor_claim.hpp"

#include "vrrpd/packet/checksum.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace vrrp::packet {
namespace {

constexpr std::size_t kEtherOctets = 14;
constexpr std::size_t kSourceMacAt = 6;
constexpr std::uint16_t kArp = 0x0806;
constexpr std::uint16_t kIpv6 = 0x86DD;
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kAdvertisement = 136;
constexpr std::uint8_t kTargetLinkLayerAddress = 2;

constexpr std::size_t kArpOctets = kEtherOctets + 28;
constexpr std::size_t kMessageAt = kEtherOctets + 40;  // after the IPv6 header
constexpr std::size_t kTargetAt = kMessageAt + 8;
constexpr std::size_t kOptionsAt = kMessageAt + 24;

MacAddress mac_at(common::Octets frame, std::size_t at) {
  MacAddress mac{};
  std::ranges::copy(frame.subspan(at, mac.size()), mac.begin());
  return mac;
}

std::optional<NeighborClaim> arp_claim(common::Octets frame) {
  constexpr std::array<std::uint8_t, 6> kEthernetIpv4{0, 1, 0x08, 0x00, 6, 4};
  if (frame.size() < kArpOctets) return std::nullopt;
  if (!std::ranges::equal(kEthernetIpv4, frame.subspan(kEtherOctets, 6))) return std::nullopt;
  const auto sender = common::load_big_endian<std::uint32_t>(frame.subspan<28, 4>());
  if (sender == 0) return std::nullopt;  // a probe asks
  return NeighborClaim{common::IpAddress::v4(sender), mac_at(frame, 22)};
}

std::optional<NeighborClaim> ndp_claim(common::Octets frame) {
  if (frame.size() < kOptionsAt || frame[20] != kIcmpv6 || frame[kMessageAt] != kAdvertisement)
    return std::nullopt;
  std::array<std::uint8_t, 16> target{};
  std::ranges::copy(frame.subspan(kTargetAt, target.size()), target.begin());
  NeighborClaim claim{common::IpAddress::v6(target), mac_at(frame, kSourceMacAt)};
  // The option says it better than the frame; no more of them than fit are looked at.
  if (frame.size() >= kOptionsAt + 8 && frame[kOptionsAt] == kTargetLinkLayerAddress)
    claim.mac = mac_at(frame, kOptionsAt + 2);
  return claim;
}

using Bytes = std::initializer_list<std::uint8_t>;

void put(std::vector<std::uint8_t>& frame, common::Octets octets) {
  frame.insert(frame.end(), octets.begin(), octets.end());
}
void put(std::vector<std::uint8_t>& frame, Bytes octets) {
  frame.insert(frame.end(), octets.begin(), octets.end());
}

std::vector<std::uint8_t> arp_probe(const common::IpAddress& address, const MacAddress& own) {
  std::vector<std::uint8_t> frame(6, 0xFF);
  put(frame, own);
  put(frame, {0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0, 1});
  put(frame, own);
  put(frame, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0});  // no sender's address; the MAC is asked for
  put(frame, common::Octets{address.octets()}.first(4));
  return frame;
}

std::vector<std::uint8_t> solicitation(const common::IpAddress& address, const MacAddress& own) {
  const auto& a = address.octets();
  const auto group =
      common::IpAddress::v6({0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, a[13], a[14], a[15]});
  const auto unspecified = common::IpAddress::v6({});
  std::vector<std::uint8_t> frame{0x33, 0x33, 0xFF, a[13], a[14], a[15]};
  put(frame, own);
  put(frame, {0x86, 0xDD, 0x60, 0, 0, 0, 0, 24, kIcmpv6, 255});
  put(frame, unspecified.octets());
  put(frame, group.octets());
  put(frame, {135, 0, 0, 0, 0, 0, 0, 0});
  put(frame, a);
  const auto message = std::span{frame}.subspan(kMessageAt);
  const auto sum = common::to_big_endian(checksum(message, unspecified, group, kIcmpv6));
  std::ranges::copy(sum, message.subspan(2).begin());
  return frame;
}

}  // namespace

std::optional<NeighborClaim> neighbor_claim(common::Octets frame) {
  if (frame.size() < kEtherOctets) return std::nullopt;
  switch (common::load_big_endian<std::uint16_t>(frame.subspan<12, 2>())) {
    case kArp:
      return arp_claim(frame);
    case kIpv6:
      return ndp_claim(frame);
    default:
      return std::nullopt;
  }
}

std::vector<std::uint8_t> ownership_probe(const common::IpAddress& address, const MacAddress& own) {
  return address.is_v6() ? solicitation(address, own) : arp_probe(address, own);
}

}  // namespace vrrp::packet
