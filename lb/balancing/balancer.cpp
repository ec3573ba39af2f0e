#include "lb/balancing/balancer.hpp"

#include "lb/balancing/hash.hpp"

#include <algorithm>
#include <cmath>

namespace lb::balancing {

using common::Duration;
using common::TimePoint;

namespace {

/// A slow start begins with this part of the weight and goes on in this many steps.
constexpr std::int64_t kFirstPart = 10;  // percent
constexpr std::int64_t kRampSteps = 100;

double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::string_view to_string(Policy policy) {
  switch (policy) {
    case Policy::RoundRobin:
      return "round_robin";
    case Policy::LeastRequests:
      return "least_requests";
    case Policy::TwoChoices:
      return "two_choices";
    case Policy::PeakEwma:
      return "peak_ewma";
    case Policy::Random:
      return "random";
    case Policy::Hash:
      return "hash";
  }
  return "";
}

Balancer::Balancer(const BalanceOptions& options, std::size_t turn, std::uint64_t seed)
    : options_{options}, turns_{turn}, random_{seed} {}

void Balancer::configure(const BalanceOptions& options, TimePoint now) {
  options_ = options;
  std::vector<Member> members;
  for (const auto slot : present_) members.push_back(members_[slot]);
  assign(members, now);
}

void Balancer::assign(std::span<const Member> members, TimePoint now) {
  present_ = usable_ = {};
  std::vector<Standing> standings;
  for (const auto& member : members) {
    auto& place = members_[member.slot];
    if (place.id != member.id) {
      turns_.reset(member.slot);
      latencies_[member.slot] = {};
    }
    place = member;
    place.weight = std::min(place.weight, Weights::kMost);
    present_.add(member.slot);
    if (member.usable) usable_.add(member.slot);
    standings.push_back({.slot = member.slot,
                         .tier = member.tier,
                         .usable = member.usable,
                         .open = !member.draining && member.weight > 0});
  }
  tiers_.assign(standings, options_.panic_percent);
  ramp(now);
}

/// Weights as of now, and when they are to be looked at again.
void Balancer::ramp(TimePoint now) {
  const Duration whole = options_.slow_start;
  std::uint32_t common_weight = 0;
  weights_.uniform = true;
  next_ramp_ = TimePoint::max();
  for (const auto slot : present_) {
    const auto& member = members_[slot];
    auto& weight = weights_.of[slot];
    weight = member.weight * Weights::kScale;
    // A start that is long ago may lie at the clock's very beginning: no difference is taken of it.
    if (whole > Duration::zero() && member.usable_since > now - whole) {
      const auto elapsed = std::max(now - member.usable_since, Duration::zero());
      const auto part = std::max(kFirstPart, elapsed * 100 / whole);
      weight = static_cast<std::uint32_t>(std::int64_t{weight} * part / 100);
      next_ramp_ = now + whole / kRampSteps;
    }
    if (member.weight == 0 || member.draining) continue;
    if (common_weight == 0) common_weight = weight;
    weights_.uniform = weights_.uniform && weight == common_weight;
  }
}

std::size_t Balancer::pick(EndpointSet from, std::uint64_t hash, bool again, TimePoint now) {
  if (now >= next_ramp_) [[unlikely]]
    ramp(now);
  switch (options_.policy) {
    case Policy::RoundRobin:
      break;
    case Policy::LeastRequests:
      return least_loaded(from, again);
    case Policy::TwoChoices:
      return less_loaded_of_two(from);
    case Policy::PeakEwma:
      return faster_of_two(from, now);
    case Policy::Random:
      return draw(from);
    case Policy::Hash:
      if (options_.bounded_load_percent > 0) from = within_bound(from);
      return hash == 0 ? draw(from) : by_hash(from, hash);
  }
  return again ? turns_.peek(from, weights_) : turns_.pick(from, weights_);
}

std::size_t Balancer::draw(EndpointSet from) {
  if (weights_.uniform) return from.nth(random_.below(static_cast<std::uint32_t>(from.size())));
  std::uint32_t total = 0;
  for (const auto slot : from) total += weights_.of[slot];
  if (total == 0) return from.first();
  auto mark = random_.below(total);
  for (const auto slot : from) {
    if (mark < weights_.of[slot]) return slot;
    mark -= weights_.of[slot];
  }
  return from.first();
}

std::size_t Balancer::least_loaded(EndpointSet from, bool again) {
  EndpointSet equals;
  std::uint64_t least = 0;
  std::uint64_t of_weight = 1;
  for (const auto slot : from) {
    const std::uint64_t here = load(slot);
    // here / weight(slot) against least / of_weight, without dividing.
    const auto left = here * of_weight;
    const auto right = least * weight(slot);
    if (!equals.empty() && left > right) continue;
    if (equals.empty() || left < right) {
      equals = {};
      least = here;
      of_weight = weight(slot);
    }
    equals.add(slot);
  }
  return again ? turns_.peek(equals, weights_) : turns_.pick(equals, weights_);
}

std::size_t Balancer::less_loaded_of_two(EndpointSet from) {
  const auto one = draw(from);
  from.remove(one);
  if (from.empty()) return one;
  const auto other = draw(from);
  return load(other) * weight(one) < load(one) * weight(other) ? other : one;
}

std::size_t Balancer::faster_of_two(EndpointSet from, TimePoint now) {
  const auto one = draw(from);
  from.remove(one);
  if (from.empty()) return one;
  const auto other = draw(from);
  return cost(other, now) * static_cast<double>(weight(one)) <
                 cost(one, now) * static_cast<double>(weight(other))
             ? other
             : one;
}

/// How long a request would probably take there. Of whom nothing is known yet gets one at a time,
/// not everything at once because it looks infinitely fast.
double Balancer::cost(std::size_t slot, TimePoint now) const {
  const auto busy = load(slot);
  const auto latency = latencies_[slot].at(now, options_.ewma_decay);
  if (latency == 0 && busy > 0) return PeakEwma::kFailure + busy;
  return latency * (busy + 1);
}

/// Weighted rendezvous hashing: each endpoint draws a number from the key and its own name, and the
/// highest wins. Who leaves or joins moves his own keys and no other; order and slots do not
/// matter; a growing weight draws keys one by one. Linear, which for 64 endpoints is cheaper than a
/// ring of a useful size is to keep.
std::size_t Balancer::by_hash(EndpointSet from, std::uint64_t hash) const {
  constexpr double kUnit = 0x1p-53;
  auto best = from.first();
  std::uint64_t highest_number = 0;
  double highest = -1;
  for (const auto slot : from) {
    const auto number = mix(hash ^ members_[slot].id) >> 11U | 1U;
    if (weights_.uniform) {
      if (number <= highest_number) continue;
      highest_number = number;
    } else {
      const auto score =
          static_cast<double>(weight(slot)) / -std::log(static_cast<double>(number) * kUnit);
      if (score <= highest) continue;
      highest = score;
    }
    best = slot;
  }
  return best;
}

/// Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam): those that stay within
/// their bound with one request more. Somebody always does, for the bounds sum to more than there
/// is.
EndpointSet Balancer::within_bound(EndpointSet from) const {
  std::uint64_t in_flight = 1;  // with the one that is coming
  std::uint64_t total = 0;
  std::array<std::uint32_t, EndpointSet::kMost> loads;  // others change them while we look
  for (const auto slot : from) {
    loads[slot] = load(slot);
    in_flight += loads[slot];
    total += weight(slot);
  }
  EndpointSet fit;
  const auto share = in_flight * options_.bounded_load_percent;
  for (const auto slot : from)
    if (loads[slot] * total * 100 < share * weight(slot)) fit.add(slot);
  return fit.empty() ? from : fit;
}

void Balancer::on_answer(std::size_t slot, Duration latency, TimePoint now) {
  if (options_.policy != Policy::PeakEwma) return;
  latencies_[slot].add(to_seconds(latency), now, options_.ewma_decay);
}

void Balancer::on_failure(std::size_t slot, Duration latency, TimePoint now) {
  if (options_.policy != Policy::PeakEwma) return;
  latencies_[slot].add(std::max(to_seconds(latency), PeakEwma::kFailure), now, options_.ewma_decay);
}

}  // namespace lb::balancing
