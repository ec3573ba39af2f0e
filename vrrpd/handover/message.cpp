#include "vrrpd/handover/message.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace vrrp::handover {
namespace {

// magic 4 | kind 1 | vrid 1 | family 1 | priority 1 | flags 1 | number of places 1 | zero 2 | from
// 8 | to 8 | sequence 8 | transfer 8 | places | HMAC 32; a place: vrid 1 | family 1 | mac 6 |
// address 16, an IPv4 address in the first four.
constexpr std::uint32_t kMagic = 0x4D564832;  // "MVH2"
constexpr std::size_t kStampAt = 12;
constexpr std::size_t kPlacesAt = 44;
constexpr std::uint8_t kActive = 1;
constexpr std::uint8_t kHolding = 2;
constexpr std::uint8_t kFour = 4;
constexpr std::uint8_t kSix = 6;

std::uint8_t octet_of(Family family) { return family == Family::V6 ? kSix : kFour; }

std::uint64_t number_at(common::Octets octets, std::size_t at) {
  return common::load_big_endian<std::uint64_t>(octets.subspan(at).first<8>());
}

void append(std::vector<std::uint8_t>& out, const Place& place) {
  out.insert(out.end(), {place.vrid.value, octet_of(place.family)});
  out.insert(out.end(), place.mac.begin(), place.mac.end());
  out.insert(out.end(), place.address.octets().begin(), place.address.octets().end());
}

std::optional<Place> place_at(common::Octets octets) {
  if (octets[0] == 0 || (octets[1] != kFour && octets[1] != kSix)) return std::nullopt;
  Place place;
  place.vrid = {octets[0]};
  place.family = octets[1] == kSix ? Family::V6 : Family::V4;
  std::ranges::copy(octets.subspan(2, place.mac.size()), place.mac.begin());
  std::array<std::uint8_t, 16> address{};
  std::ranges::copy(octets.subspan(8, address.size()), address.begin());
  place.address = place.family == Family::V6
                      ? common::IpAddress::v6(address)
                      : common::IpAddress::v4(
                            common::load_big_endian<std::uint32_t>(octets.subspan(8).first<4>()));
  return place;
}

}  // namespace

std::string_view name(BadMessage bad) {
  switch (bad) {
    case BadMessage::Length:
      return "length";
    case BadMessage::Magic:
      return "magic";
    case BadMessage::Mac:
      return "mac";
    case BadMessage::Value:
      return "value";
  }
  return "unknown";
}

std::vector<std::uint8_t> encode(const Message& message, const Key& key) {
  std::vector<std::uint8_t> out;
  out.reserve(kLongestMessage);
  common::append_big_endian(out, kMagic);
  const auto flags = static_cast<std::uint8_t>((message.active ? kActive : 0U) |
                                               (message.holding ? kHolding : 0U));
  out.insert(out.end(),
             {static_cast<std::uint8_t>(message.kind), message.vrid.value, octet_of(message.family),
              message.priority.value, flags, static_cast<std::uint8_t>(message.places.size()),
              std::uint8_t{0}, std::uint8_t{0}});
  for (const auto number :
       {message.stamp.from, message.stamp.to, message.stamp.sequence, message.transfer})
    common::append_big_endian(out, number);
  for (const auto& place : message.places) append(out, place);
  const auto mac = key.sign(out);
  out.insert(out.end(), mac.begin(), mac.end());
  return out;
}

common::Result<Message, BadMessage> decode(common::Octets octets, const Key& key) {
  if (octets.size() < kShortestMessage || octets.size() > kLongestMessage ||
      (octets.size() - kShortestMessage) % kPlaceOctets != 0)
    return BadMessage::Length;
  if (common::load_big_endian<std::uint32_t>(octets.first<4>()) != kMagic) return BadMessage::Magic;
  const auto signed_octets = octets.size() - Key::kMacOctets;
  if (!key.verifies(octets.first(signed_octets), octets.subspan(signed_octets)))
    return BadMessage::Mac;
  const auto kind = octets[4];
  const auto family = octets[6];
  const auto places = octets[9];
  if (kind < static_cast<std::uint8_t>(Kind::Hello) ||
      kind > static_cast<std::uint8_t>(Kind::Echo) || octets[5] == 0 ||
      (family != kFour && family != kSix) || kPlacesAt + places * kPlaceOctets != signed_octets)
    return BadMessage::Value;
  Message message{.kind = static_cast<Kind>(kind),
                  .vrid = {octets[5]},
                  .family = family == kSix ? Family::V6 : Family::V4,
                  .priority = {octets[7]},
                  .active = (octets[8] & kActive) != 0,
                  .holding = (octets[8] & kHolding) != 0};
  message.stamp = {number_at(octets, kStampAt), number_at(octets, kStampAt + 8),
                   number_at(octets, kStampAt + 16)};
  message.transfer = number_at(octets, kStampAt + 24);
  for (std::size_t i = 0; i < places; ++i) {
    const auto place = place_at(octets.subspan(kPlacesAt + i * kPlaceOctets, kPlaceOctets));
    if (!place) return BadMessage::Value;
    message.places.push_back(*place);
  }
  return message;
}

}  // namespace vrrp::handover
