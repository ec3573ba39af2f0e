#pragma once

#include "common/time.hpp"

#include <chrono>
#include <cstdint>

namespace booking::core {

/// How often who may guess at bookings. Counted by address and by telephone number, on all nodes
/// together; an address may be shared by a whole mobile network, a number is one person's.
struct GuardLimits {
  std::uint32_t free_by_address{20};
  std::uint32_t free_by_phone{5};
  std::chrono::seconds first_wait{2};
  std::chrono::seconds longest_wait{900};
  std::chrono::seconds memory{3600};  // after so long without a failure all is forgotten

  bool operator==(const GuardLimits&) const = default;
};

struct Failures {
  std::uint32_t count{0};
  common::WallTime last;
};

struct GuardVerdict {
  std::chrono::seconds wait{0};  // until the next try
  unsigned bits{0};              // of work that opens it at once

  bool open() const { return wait.count() == 0; }
};

/// Doubles with each failure beyond the free ones; the work grows more slowly, and ends where a
/// telephone still does it in some seconds.
GuardVerdict judge(std::uint32_t free, const Failures& failures, const GuardLimits& limits,
                   common::WallTime now);
GuardVerdict stricter(const GuardVerdict& a, const GuardVerdict& b);

}  // namespace booking::core
