#include "lb/filters/limit_zone.hpp"

#include "lb/filters/shared_state.hpp"

namespace lb::filters {
namespace {

/// In front of the name in the key.
std::string letter_of(LimitZone::Kind kind) { return kind == LimitZone::Kind::Rate ? "r" : "t"; }

}  // namespace

std::shared_ptr<LimitZone> LimitZone::named(Kind kind, const std::string& name) {
  return SharedStates<LimitZone>::get(letter_of(kind) + name,
                                      [] { return std::make_shared<LimitZone>(); });
}

std::vector<LimitZone::Sample> LimitZone::all() {
  std::vector<Sample> samples;
  for (const auto& [key, zone] : SharedStates<LimitZone>::all())
    samples.push_back({key.front() == 'r' ? Kind::Rate : Kind::Concurrency, key.substr(1),
                       zone->refused.load(std::memory_order_relaxed)});
  return samples;
}

}  // namespace lb::filters
