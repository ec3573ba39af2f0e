#pragma once

#include "common/time.hpp"

#include <chrono>
#include <cstdint>

namespace booking::auth {

/// Failures that cost nothing; after them the wait doubles with each, up to the longest.
inline constexpr std::uint32_t kFreeFailures = 5;
inline constexpr std::chrono::seconds kFirstWait{1};
inline constexpr std::chrono::seconds kLongestWait{900};
/// A failure older than this is forgotten.
inline constexpr std::chrono::hours kFailureMemory{24};

/// How long the next try must still wait, zero when it may go on. `failures` in a row, the last one
/// at `last_failure`. A clock set back never makes the wait longer than it was.
std::chrono::seconds lockout_wait(std::uint32_t failures, common::WallTime last_failure,
                                  common::WallTime now);

}  // namespace booking::auth
