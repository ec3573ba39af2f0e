#pragma once

#include "vrrpd/link/descriptor.hpp"
#include "vrrpd/packet/types.hpp"

#include <array>
#include <cstdint>
#include <linux/filter.h>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vrrp::link {

/// How a message of protocol 112 begins: version and type, VRID, priority, number of addresses,
/// interval. All that an election asks of it.
using MessageStart = std::array<std::uint8_t, 6>;

/// Becomes readable when anything but the usual is said: a second ear, for a daemon that lets the
/// usual messages lie in its VrrpSocket until it has another reason to read them. The kernel drops
/// them here, and nobody is woken.
class Bell {
 public:
  /// More are too many to be compared one after the other, and to lie in a socket.
  static constexpr std::size_t kMostUsual = 8;

  /// Rings for everything, once a VrrpSocket there has joined the group. Needs CAP_NET_RAW.
  static common::Result<Bell> open(const std::string& interface, Family family);
  /// From now on. At most `kMostUsual`.
  common::Result<void> ring_for_all_but(std::span<const MessageStart> usual);
  /// How the next message begins that rang, not checked in any way, zeros where it has ended.
  /// Nothing when it is silent.
  std::optional<MessageStart> next();

  const Descriptor& descriptor() const { return socket_; }

 private:
  Bell(Descriptor socket, Family family) : socket_{std::move(socket)}, family_{family} {}

  Descriptor socket_;
  Family family_;
};

/// The filter of such a socket: 0 for most of the usual, everything of the others. One of
/// `kHeardOf` of the usual rings all the same, by chance: a flood of them must not fill the other
/// socket unheard.
inline constexpr unsigned kHeardOf = 16;
std::vector<sock_filter> all_but(Family family, std::span<const MessageStart> usual);

}  // namespace vrrp::link
