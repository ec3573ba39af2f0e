#include "lb/balancing/retry_budget.hpp"

#include <algorithm>

namespace lb::balancing {

void RetryBudget::configure(const RetryBudgetOptions& options) {
  part_ = options.percent;
  least_per_second_ = options.least_per_second;
  least_ = least_per_second_ * kMostSeconds * kWhole;
}

bool RetryBudget::take(common::TimePoint now) {
  if (earned_ >= kWhole) {
    earned_ -= kWhole;
    return true;
  }
  const auto most = least_per_second_ * kMostSeconds * kWhole;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::min<common::Duration>(now - filled_at_, std::chrono::seconds{kMostSeconds}));
  const auto gained = elapsed.count() * least_per_second_ * kWhole / 1000;
  if (gained > 0) {
    least_ = std::min(least_ + gained, most);
    filled_at_ = now;
  }
  if (least_ < kWhole) return false;
  least_ -= kWhole;
  return true;
}

}  // namespace lb::balancing
