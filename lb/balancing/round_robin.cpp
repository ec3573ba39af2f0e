#include "lb/balancing/round_robin.hpp"

namespace lb::balancing {

RoundRobin::RoundRobin(std::size_t turn)
    : turn_{turn % EndpointSet::kMost}, next_{turn_}, credit_{} {
  for (std::size_t slot = 0; slot < credit_.size(); ++slot) reset(slot);
}

void RoundRobin::reset(std::size_t slot) { credit_[slot] = first_credit(slot); }

/// Less than any weight: it only decides who is first among equals.
std::int64_t RoundRobin::first_credit(std::size_t slot) const {
  const auto behind = (slot + EndpointSet::kMost - turn_) % EndpointSet::kMost;
  return -static_cast<std::int64_t>(behind);
}

std::size_t RoundRobin::pick(EndpointSet candidates, const Weights& weights) {
  const auto chosen = peek(candidates, weights);
  if (weights.uniform) {
    next_ = (chosen + 1) % EndpointSet::kMost;
    return chosen;
  }
  std::int64_t total = 0;
  for (const auto slot : candidates) {
    credit_[slot] += weights.of[slot];
    total += weights.of[slot];
  }
  credit_[chosen] -= total;
  return chosen;
}

std::size_t RoundRobin::peek(EndpointSet candidates, const Weights& weights) const {
  if (weights.uniform) {
    const auto later = candidates.from(next_);
    return (later.empty() ? candidates : later).first();
  }
  auto best = candidates.first();
  for (const auto slot : candidates)
    if (credit_[slot] + weights.of[slot] > credit_[best] + weights.of[best]) best = slot;
  return best;
}

}  // namespace lb::balancing
