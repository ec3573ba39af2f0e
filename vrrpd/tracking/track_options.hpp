#pragma once

#include "common/address.hpp"
#include "common/hysteresis.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace vrrp::tracking {

/// What a failing track does to the router.
enum class OnFailure {
  Release,        // not fit: the addresses are given away
  LowerPriority,  // by `lower_by`: given away only to somebody better
};

struct TrackOptions {
  std::string name;
  common::SocketAddress address;
  std::string path{"/readyz"};
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds timeout{1000};
  common::Hysteresis::Options hysteresis{};
  OnFailure on_failure{OnFailure::Release};
  std::uint8_t lower_by{50};
};

}  // namespace vrrp::tracking
