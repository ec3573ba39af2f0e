#pragma once

#include "common/address.hpp"
#include "vrrpd/handover/key.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace vrrp::handover {

/// lbd on this node, by its admin API.
struct LbdOptions {
  std::optional<common::SocketAddress> address;  // none: it is told nothing
  std::string token;

  bool operator==(const LbdOptions&) const = default;
};

struct HandoverOptions {
  std::string key_file;                     // empty: planned moves are the RFC's, make before break
  std::optional<Key> key;                   // what the file held when it was read
  std::uint16_t port{9113};                 // UDP, the same on every node
  std::chrono::milliseconds drain{30'000};  // how long connections may live on at the giver

  LbdOptions lbd;

  bool operator==(const HandoverOptions&) const = default;
};

}  // namespace vrrp::handover
