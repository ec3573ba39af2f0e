#include "lb/balancing/round_robin.hpp"

namespace lb::balancing {

std::optional<std::size_t> RoundRobin::pick(EndpointSet candidates) {
  for (std::size_t step = 0; step < EndpointSet::kMost; ++step) {
    const auto endpoint = (next_ + step) % EndpointSet::kMost;
    if (!candidates.contains(endpoint)) continue;
    next_ = (endpoint + 1) % EndpointSet::kMost;
    return endpoint;
  }
  return std::nullopt;
}

}  // namespace lb::balancing
