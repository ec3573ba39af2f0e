#include "vrrpd/handover/message.hpp"

#include <algorithm>

namespace vrrp::handover {
namespace {

// magic 4 | kind 1 | vrid 1 | family 1 | priority 1 | flags 1 | zero 1 | mac 6 | from 8 | to 8 |
// sequence 8 | transfer 8 | zero 8 | HMAC 32
constexpr std::uint32_t kMagic = 0x4D564831;  // "MVH1"
constexpr std::size_t kMacAt = 10;
constexpr std::size_t kStampAt = 16;
constexpr std::size_t kSignedOctets = kMessageOctets - Key::kMacOctets;
constexpr std::uint8_t kActive = 1;
constexpr std::uint8_t kHolding = 2;

std::uint64_t number_at(common::Octets octets, std::size_t at) {
  return common::load_big_endian<std::uint64_t>(octets.subspan(at).first<8>());
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
  out.reserve(kMessageOctets);
  common::append_big_endian(out, kMagic);
  const auto flags = static_cast<std::uint8_t>((message.active ? kActive : 0U) |
                                               (message.holding ? kHolding : 0U));
  out.insert(out.end(), {static_cast<std::uint8_t>(message.kind), message.vrid.value,
                         message.family, message.priority.value, flags, std::uint8_t{0}});
  out.insert(out.end(), message.mac.begin(), message.mac.end());
  for (const auto number :
       {message.stamp.from, message.stamp.to, message.stamp.sequence, message.transfer})
    common::append_big_endian(out, number);
  out.resize(kSignedOctets);
  const auto mac = key.sign(out);
  out.insert(out.end(), mac.begin(), mac.end());
  return out;
}

common::Result<Message, BadMessage> decode(common::Octets octets, const Key& key) {
  if (octets.size() != kMessageOctets) return BadMessage::Length;
  if (common::load_big_endian<std::uint32_t>(octets.first<4>()) != kMagic) return BadMessage::Magic;
  if (!key.verifies(octets.first(kSignedOctets), octets.subspan(kSignedOctets)))
    return BadMessage::Mac;
  const auto kind = octets[4];
  const auto family = octets[6];
  if (kind < static_cast<std::uint8_t>(Kind::Hello) ||
      kind > static_cast<std::uint8_t>(Kind::Echo) || octets[5] == 0 ||
      (family != 4 && family != 6))
    return BadMessage::Value;
  Message message{.kind = static_cast<Kind>(kind),
                  .vrid = {octets[5]},
                  .family = family,
                  .priority = {octets[7]},
                  .active = (octets[8] & kActive) != 0,
                  .holding = (octets[8] & kHolding) != 0};
  std::ranges::copy(octets.subspan(kMacAt, message.mac.size()), message.mac.begin());
  message.stamp = {number_at(octets, kStampAt), number_at(octets, kStampAt + 8),
                   number_at(octets, kStampAt + 16)};
  message.transfer = number_at(octets, kStampAt + 24);
  return message;
}

}  // namespace vrrp::handover
