#pragma once

#include "common/time.hpp"

#include <cstdint>

namespace vrrp::daemon {

/// Lets one line through every `kDistance`: what a stranger on the LAN can cause must not fill a
/// disk.
class LogLimit {
 public:
  static constexpr auto kDistance = std::chrono::seconds{10};

  /// True when the line may be written now; `suppressed()` then says how many were not.
  bool admits(common::TimePoint now) {
    if (now < next_) {
      ++waiting_;
      return false;
    }
    next_ = now + kDistance;
    suppressed_ = waiting_;
    waiting_ = 0;
    return true;
  }
  std::uint64_t suppressed() const { return suppressed_; }

 private:
  common::TimePoint next_{common::TimePoint::min()};
  std::uint64_t waiting_{0};
  std::uint64_t suppressed_{0};
};

}  // namespace vrrp::daemon
