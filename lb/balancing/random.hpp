#pragma once

#include <cstdint>

namespace lb::balancing {

/// xorshift64*: spreading traffic needs no better randomness, and the same seed gives the same run.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed | 1U} {}

  std::uint64_t next() {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return state_ * 0x2545F4914F6CDD1DU;
  }
  /// Evenly out of 0 … `bound`-1; `bound` is not 0.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((next() >> 32U) * bound >> 32U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace lb::balancing
