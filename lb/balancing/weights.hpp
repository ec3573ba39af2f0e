#pragma once

#include "lb/balancing/candidates.hpp"

#include <array>
#include <cstdint>

namespace lb::balancing {

/// How much of the traffic each slot is to get, relative to the others, as of now.
struct Weights {
  static constexpr std::uint32_t kMost = 65'535;  // as configured
  static constexpr std::uint32_t kScale = 128;    // so that a weight of 1 can start slowly, too

  std::array<std::uint32_t, EndpointSet::kMost> of{};  // configured weight × kScale × slow start
  bool uniform{true};                                  // all that are not 0 are the same
};

}  // namespace lb::balancing
