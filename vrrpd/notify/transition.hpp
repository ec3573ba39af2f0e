#pragma once

#include <cstdint>
#include <string>

namespace vrrp::notify {

/// A change of state.
struct Transition {
  std::string interface {};
  std::uint8_t vrid{0};
  std::string from{};  // `initialize`, `backup`, `active`
  std::string to{};
  std::string reason{};
  std::uint8_t priority{0};  // effective
  std::string peer{};        // last heard; empty: nobody
  std::string addresses{};   // `192.168.10.100/24 192.168.10.101/24`
};

}  // namespace vrrp::notify
