#pragma once

#include "common/time.hpp"

#include <cstdint>

namespace lb::proxy {

/// Whether content comes as fast as it must, averaged over the time in which it was waited for:
/// what an endpoint does not take in time is not its client's fault.
class LeastRate {
 public:
  LeastRate() = default;
  /// `octets` a second, 0 is none; what comes buys time beyond `grace`.
  LeastRate(std::uint64_t octets, common::Duration grace) : rate_{octets}, grace_{grace} {}

  /// How much longer may be waited; `max()` without a rate.
  common::Duration left() const {
    if (rate_ == 0) return common::Duration::max();
    constexpr std::uint64_t kMost = 365 * 24 * 3600;  // seconds: then nothing overflows
    const auto bought = received_ / rate_;
    if (bought >= kMost) return common::Duration::max();
    return grace_ + std::chrono::seconds{bought} - waited_;
  }
  void came(std::uint64_t octets) { received_ += octets; }
  void waited(common::Duration time) { waited_ += time; }

 private:
  std::uint64_t rate_{0};
  common::Duration grace_{};
  std::uint64_t received_{0};
  common::Duration waited_{};
};

}  // namespace lb::proxy
