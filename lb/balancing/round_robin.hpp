#pragma once

#include "lb/balancing/candidates.hpp"

#include <optional>

namespace lb::balancing {

/// Each candidate in turn. `start` sets where the first turn begins, so that workers do not all
/// begin with the same endpoint.
class RoundRobin {
 public:
  explicit RoundRobin(std::size_t start = 0) : next_{start % EndpointSet::kMost} {}

  /// The next endpoint out of `candidates`; nothing when there is none.
  std::optional<std::size_t> pick(EndpointSet candidates);

 private:
  std::size_t next_;
};

}  // namespace lb::balancing
