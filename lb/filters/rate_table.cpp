#include "lb/filters/rate_table.hpp"

#include <algorithm>

namespace lb::filters {

RateTable::RateTable(std::size_t clients)
    : sets_{std::max<std::size_t>(1, (clients + kShards * kWays - 1) / (kShards * kWays))} {}

RateTable::Slot& RateTable::slot_of(Shard& shard, std::uint64_t client) {
  if (shard.slots.empty()) shard.slots.resize(sets_ * kWays);
  // The low bits chose the shard.
  auto* const first = shard.slots.data() + (client / kShards) % sets_ * kWays;
  auto* const end = first + kWays;
  auto* found = std::find_if(first, end, [client](const Slot& slot) {
    return slot.client == client && slot.arrival != common::TimePoint::min();
  });
  if (found != end) return *found;
  found = std::min_element(first, end,
                           [](const Slot& a, const Slot& b) { return a.arrival < b.arrival; });
  *found = {client, common::TimePoint::min()};
  return *found;
}

RateVerdict RateTable::take(std::uint64_t client, Rate rate, common::TimePoint now) {
  const auto whole = rate.interval * rate.burst;
  auto& shard = shards_[client % kShards];
  const std::lock_guard lock{shard.mutex};
  auto& slot = slot_of(shard, client);
  const auto arrival = std::max(slot.arrival, now) + rate.interval;
  if (arrival - now > whole) {
    // A rate that has become lower since: nobody waits longer than for a whole burst.
    slot.arrival = std::min(slot.arrival, now + whole);
    return {false, 0, slot.arrival + rate.interval - whole - now, slot.arrival - now};
  }
  slot.arrival = arrival;
  const auto left = whole - (arrival - now);
  const auto remaining = static_cast<std::uint32_t>(left / rate.interval);
  return {true, remaining, remaining > 0 ? common::Duration{} : rate.interval - left,
          arrival - now};
}

}  // namespace lb::filters
