#pragma once

#include "vrrpd/handover/key.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace vrrp::handover {

struct HandoverOptions {
  std::string key_file;                     // empty: planned moves are the RFC's, make before break
  std::optional<Key> key;                   // what the file held when it was read
  std::uint16_t port{9113};                 // UDP, the same on every node
  std::chrono::milliseconds drain{30'000};  // how long connections may live on at the giver

  bool operator==(const HandoverOptions&) const = default;
};

}  // namespace vrrp::handover
