#pragma once

#include "common/time.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

namespace lb::filters {

/// `burst` requests at once, then one every `interval`.
struct Rate {
  common::Duration interval;
  std::uint32_t burst{1};
};

/// What the generic cell rate algorithm says of one request.
struct RateVerdict {
  bool allowed{false};
  std::uint32_t remaining{0};      // requests that would be allowed at this moment
  common::Duration until_next{};   // until one more is allowed; 0 when one is
  common::Duration until_whole{};  // until all of the burst is there again
};

/// One time a client (ITU-T I.371: the theoretical arrival time of the next cell), in a table of
/// fixed size for the whole process. When the ways of a set are all taken, the client that has the
/// most of its burst left makes room: it is nearly as if it had never been here.
///
/// Locked by shards: the lock is held for a few tens of nanoseconds, and only routes with a limit
/// come here.
class RateTable {
 public:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kShards = 64;

  /// `clients`: rounded up to a whole number of sets a shard. Their memory is taken when the first
  /// comes: a configuration that is only checked costs nothing.
  explicit RateTable(std::size_t clients);

  RateVerdict take(std::uint64_t client, Rate rate, common::TimePoint now);
  std::size_t capacity() const { return kShards * sets_ * kWays; }

 private:
  struct Slot {
    std::uint64_t client{0};
    common::TimePoint arrival{common::TimePoint::min()};  // theoretical, of the next request
  };
  struct alignas(64) Shard {
    std::mutex mutex;
    std::vector<Slot> slots;
  };
  Slot& slot_of(Shard& shard, std::uint64_t client);

  std::size_t sets_;
  std::array<Shard, kShards> shards_;
};

}  // namespace lb::filters
