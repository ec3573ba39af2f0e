#pragma once

#include "common/address.hpp"
#include "vrrpd/link/descriptor.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace vrrp::link {

/// Counts the TCP connections of this host to some of its addresses (sock_diag(7)), a part at a
/// time: a host may have a million, and the event loop has more to do.
class ConnectionCounter {
 public:
  static common::Result<ConnectionCounter> open();

  int descriptor() const { return socket_.number(); }
  /// Asks the kernel. What an earlier question has not answered yet is forgotten.
  common::Result<void> ask(std::vector<common::IpAddress> addresses);
  /// Takes a part of the answer; the number when that was the last. Not counted: listeners and
  /// TIME_WAIT. Never waits.
  common::Result<std::optional<std::size_t>> read();

 private:
  explicit ConnectionCounter(Descriptor socket) : socket_{std::move(socket)} {}
  common::Result<void> ask_family(std::uint8_t family);

  Descriptor socket_;
  std::vector<common::IpAddress> addresses_;
  std::size_t count_{0};
  std::uint32_t sequence_{0};
  std::uint8_t family_{0};
  std::array<char, 32 * 1024> buffer_{};
};

}  // namespace vrrp::link
