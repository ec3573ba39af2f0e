#pragma once

#include <chrono>

namespace common {

/// The clock of every timeout and interval: never set back. Rules are given its `now`, only drivers
/// read it.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// The clock of people and databases: UTC, microseconds.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

inline WallTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace common
