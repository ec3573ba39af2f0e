#pragma once

#include "common/time.hpp"

#include <cstdint>

namespace lb::balancing {

struct RetryBudgetOptions {
  unsigned percent{20};                // of the requests may be tried once more
  std::uint32_t least_per_second{10};  // are allowed in any case: few requests earn nothing
};

/// Keeps retries from becoming the greater part of the load when endpoints are in trouble: every
/// request earns a part of a retry, every retry costs a whole one. It begins full: endpoints may be
/// in trouble right after a start.
class RetryBudget {
 public:
  /// What a quiet time may save up, in seconds of the least and in retries.
  static constexpr std::int64_t kMostSeconds = 2;
  static constexpr std::int64_t kMostSaved = 500;

  explicit RetryBudget(const RetryBudgetOptions& options) {
    configure(options);
    if (part_ > 0) earned_ = kMostSaved * kWhole;
  }
  /// What was saved stays, within the new bounds.
  void configure(const RetryBudgetOptions& options);

  void on_request() {
    const auto more = earned_ + part_;
    earned_ = more < kMostSaved * kWhole ? more : kMostSaved * kWhole;
  }
  /// Takes a retry out; false when there is none.
  bool take(common::TimePoint now);

 private:
  static constexpr std::int64_t kWhole = 100;  // of one retry

  std::int64_t part_{0};    // earned by a request
  std::int64_t earned_{0};  // hundredths
  std::int64_t least_per_second_{0};
  std::int64_t least_{0};  // left of what is allowed in any case, hundredths
  common::TimePoint filled_at_{};
};

}  // namespace lb::balancing
