#include "app/auth/lockout.hpp"

#include <algorithm>

namespace booking::auth {

std::chrono::seconds lockout_wait(std::uint32_t failures, common::WallTime last_failure,
                                  common::WallTime now) {
  using std::chrono::seconds;
  if (failures < kFreeFailures) return seconds{0};
  const auto since = std::max(now - last_failure, std::chrono::microseconds{0});
  if (since >= kFailureMemory) return seconds{0};
  const auto doublings = std::min<std::uint32_t>(failures - kFreeFailures, 20);
  const auto wait = std::min(kFirstWait * (1 << doublings), kLongestWait);
  return std::max(std::chrono::ceil<seconds>(wait - since), seconds{0});
}

}  // namespace booking::auth
