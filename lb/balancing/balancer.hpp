#pragma once

#include "common/time.hpp"
#include "lb/balancing/latency.hpp"
#include "lb/balancing/random.hpp"
#include "lb/balancing/round_robin.hpp"
#include "lb/balancing/tiers.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lb::balancing {

enum class Policy : std::uint8_t {
  RoundRobin,     // smooth weighted
  LeastRequests,  // fewest in flight for its weight; among equals whose turn it is
  TwoChoices,     // the less busy of two drawn by weight
  PeakEwma,       // of two drawn by weight the one that will probably answer sooner
  Random,         // drawn by weight
  Hash,           // the same key to the same endpoint: weighted rendezvous
};
std::string_view to_string(Policy policy);

struct BalanceOptions {
  Policy policy{Policy::RoundRobin};
  /// With Hash: nobody gets more than this share, in percent, of his fair part of what is in
  /// flight; whom it concerns goes to the next by hash. 0: no bound.
  std::uint32_t bounded_load_percent{0};
  std::chrono::milliseconds slow_start{0};  // from a tenth of the weight to the whole; 0: at once
  unsigned panic_percent{0};                // see Tiers
  std::chrono::milliseconds ewma_decay{10'000};  // with PeakEwma: memory of latencies
};

/// One endpoint as its balancer sees it.
struct Member {
  std::size_t slot{0};
  std::uint64_t id{0};        // hash_key of its name: what hashing knows it by
  std::uint32_t weight{100};  // up to Weights::kMost; 0 takes no new clients
  std::uint32_t tier{0};
  bool usable{true};
  bool draining{false};
  common::TimePoint usable_since{common::TimePoint::min()};  // where slow start begins
  /// Exchanges at it now; whoever else may write it. Outlives its membership.
  const std::atomic<std::uint32_t>* in_flight{nullptr};
};

/// Whose turn it is among the endpoints of one upstream, for one worker. Allocates only when
/// members change.
class Balancer {
 public:
  /// `turn`: the worker's number; `seed`: of what is drawn.
  Balancer(const BalanceOptions& options, std::size_t turn, std::uint64_t seed);

  void configure(const BalanceOptions& options, common::TimePoint now);
  /// All members, each in its own slot. A slot whose `id` stays keeps what was learnt of it.
  void assign(std::span<const Member> members, common::TimePoint now);

  /// The endpoints that may be asked, the best tier first; empty when there is none left.
  EndpointSet candidates(EndpointSet tried) const { return tiers_.candidates(tried); }
  bool has_candidates() const { return !tiers_.empty(); }
  bool panicking() const { return tiers_.panicking(); }
  /// Usable for somebody who sticks to it, though it may be draining or have no weight.
  EndpointSet usable() const { return usable_; }

  /// One out of `from`, which is not empty. `hash`: of the key, 0 when there is none (then it is
  /// drawn). `again`: another try of the same request, which takes no turn: else, of two endpoints
  /// of which one dies, every request would meet the dead one first.
  std::size_t pick(EndpointSet from, std::uint64_t hash, bool again, common::TimePoint now);

  /// What peak EWMA learns from; costs nothing under another policy.
  void on_answer(std::size_t slot, common::Duration latency, common::TimePoint now);
  void on_failure(std::size_t slot, common::Duration latency, common::TimePoint now);

 private:
  void ramp(common::TimePoint now);
  std::uint32_t load(std::size_t slot) const {
    return members_[slot].in_flight->load(std::memory_order_relaxed);
  }
  std::uint64_t weight(std::size_t slot) const { return weights_.of[slot]; }
  std::size_t draw(EndpointSet from);
  std::size_t least_loaded(EndpointSet from, bool again);
  std::size_t less_loaded_of_two(EndpointSet from);
  std::size_t faster_of_two(EndpointSet from, common::TimePoint now);
  double cost(std::size_t slot, common::TimePoint now) const;
  std::size_t by_hash(EndpointSet from, std::uint64_t hash) const;
  EndpointSet within_bound(EndpointSet from) const;

  BalanceOptions options_;
  std::array<Member, EndpointSet::kMost> members_{};
  EndpointSet present_;
  EndpointSet usable_;
  Tiers tiers_;
  Weights weights_;
  common::TimePoint next_ramp_{common::TimePoint::max()};  // while somebody starts slowly
  RoundRobin turns_;
  Random random_;
  std::array<PeakEwma, EndpointSet::kMost> latencies_{};
};

}  // namespace lb::balancing
