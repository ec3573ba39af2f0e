#pragma once

#include "common/address.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"
#include "vrrpd/handover/key.hpp"
#include "vrrpd/packet/types.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace vrrp::handover {

enum class Kind : std::uint8_t {
  Hello = 1,    // what I am; keeps the session and a hold alive
  Offer = 2,    // Active to Backup: get ready to take the addresses
  Ready = 3,    // what you own will be sent on to you
  Refuse = 4,   // not now
  Go = 5,       // take them
  Done = 6,     // nobody is connected to me any more
  Request = 7,  // Backup to Active: I am better, give them to me
  Echo = 8,     // your word was not fresh: echo this, and say it again
};

/// Proof that a message was made now, for this receiver. See Sessions.
struct Stamp {
  std::uint64_t from{0};      // what an answer must echo
  std::uint64_t to{0};        // echo of what the receiver said last; 0: nothing heard yet
  std::uint64_t sequence{0};  // grows with every message of a sender

  bool operator==(const Stamp&) const = default;
};

/// Where one of the sender's Virtual Routers is found on its LAN, other than by its addresses.
struct Place {
  Vrid vrid;
  Family family{Family::V4};  // of the virtual addresses; a VRID may exist in both
  MacAddress mac{};
  common::IpAddress address{};  // primary

  bool operator==(const Place&) const = default;
};
/// Of all routers that move together, in the order of their numbers; at most kMostPlaces.
using Places = std::vector<Place>;
inline constexpr std::size_t kMostPlaces = 8;

/// One word between two nodes about a Virtual Router, and those that move with it, over UDP between
/// their primary addresses, both ways with TTL 255.
struct Message {
  Kind kind{Kind::Hello};
  Vrid vrid;
  Family family{Family::V4};
  Priority priority{};  // effective; 0: not fit
  bool active{false};
  bool holding{false};        // serves connections of its own, silently
  Places places{};            // of the sender; none in an Echo
  std::uint64_t transfer{0};  // which move is meant; 0: none
  Stamp stamp{};

  bool operator==(const Message&) const = default;
};

inline constexpr std::size_t kPlaceOctets = 24;
inline constexpr std::size_t kShortestMessage = 76;
inline constexpr std::size_t kLongestMessage = kShortestMessage + kMostPlaces * kPlaceOctets;

enum class BadMessage : std::uint8_t {
  Length,  // no message has so many octets
  Magic,   // somebody else's protocol, or another version of this one
  Mac,     // not made with our key
  Value,   // ours by its key, but not understood
};
std::string_view name(BadMessage bad);

std::vector<std::uint8_t> encode(const Message& message, const Key& key);
common::Result<Message, BadMessage> decode(common::Octets octets, const Key& key);

}  // namespace vrrp::handover
