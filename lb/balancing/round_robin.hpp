#pragma once

#include "lb/balancing/weights.hpp"

#include <array>
#include <cstdint>

namespace lb::balancing {

/// Each candidate in turn, as often as its weight says and evenly spread: weights 5, 1, 1 give
/// a a b a c a a, not a a a a a b c. `turn` sets where the first turn begins, so that workers do
/// not all begin with the same endpoint.
class RoundRobin {
 public:
  explicit RoundRobin(std::size_t turn = 0);

  /// The next one out of `candidates`, which are not empty; it has had its turn.
  std::size_t pick(EndpointSet candidates, const Weights& weights);
  /// Whose turn it would be; nobody's turn passes.
  std::size_t peek(EndpointSet candidates, const Weights& weights) const;
  /// The slot has a new holder, who has not had a turn.
  void reset(std::size_t slot);

 private:
  std::int64_t first_credit(std::size_t slot) const;

  std::size_t turn_;
  std::size_t next_;  // while weights are uniform
  std::array<std::int64_t, EndpointSet::kMost> credit_;
};

}  // namespace lb::balancing
