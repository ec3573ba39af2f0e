#pragma once

#include "common/time.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace lb::telemetry {

/// A number written by one thread and read by any: no locked instruction on the hot path.
class Count {
 public:
  void add(std::uint64_t more = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t less) {
    value_.store(value_.load(std::memory_order_relaxed) - less, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Upper bounds of the duration histogram, in seconds; one more bucket takes the rest.
inline constexpr std::array kDurationBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                            0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

struct DurationHistogram {
  std::array<Count, kDurationBounds.size() + 1> buckets;
  Count sum_us;

  void add(common::Duration duration);
};

enum class Retry : std::uint8_t { NotConnected, ConnectionDied, EndpointLost };
inline constexpr std::size_t kRetryCount = 3;

/// How attempts at one endpoint ended.
struct EndpointCounters {
  Count answered;
  Count failed;
};

/// What one worker counts.
struct WorkerCounters {
  static constexpr std::size_t kMostRefusals = 48;

  explicit WorkerCounters(std::size_t endpoints) : by_endpoint(endpoints) {}

  Count client_connections;         // accepted since the start
  Count active_client_connections;  // a gauge
  Count upstream_connections;       // opened since the start
  Count accept_pauses;
  Count bytes_received;
  Count bytes_sent;
  std::array<Count, 600> answers;  // by status
  std::array<Count, kMostRefusals> refusals;
  std::array<Count, kRetryCount> retries;
  DurationHistogram durations;
  std::vector<EndpointCounters> by_endpoint;  // all endpoints of all upstreams, in their order
};

}  // namespace lb::telemetry
