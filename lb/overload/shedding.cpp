#include "lb/overload/shedding.hpp"

#include <algorithm>

namespace lb::overload {
namespace {

/// `value` has come to `percent` of `limit`.
bool reaches(std::uint64_t value, std::uint64_t limit, std::uint64_t percent) {
  return limit > 0 && value >= limit / 100 * percent + (limit % 100 * percent + 99) / 100;
}

Level of_memory(const Load& load) {
  if (reaches(load.memory, load.memory_limit, 95)) return Level::Refuse;
  if (reaches(load.memory, load.memory_limit, 90)) return Level::Pause;
  if (reaches(load.memory, load.memory_limit, 80)) return Level::Ease;
  return Level::Calm;
}

Level of_connections(const Load& load) {
  return reaches(load.connections, load.connections_limit, 90) ||
                 reaches(load.descriptors, load.descriptors_limit, 90)
             ? Level::Ease
             : Level::Calm;
}

Level of_lag(const Load& load) {
  if (load.lag_limit <= common::Duration::zero()) return Level::Calm;
  if (load.lag >= load.lag_limit) return Level::Refuse;
  return load.lag >= load.lag_limit / 2 ? Level::Pause : Level::Calm;
}

}  // namespace

Level level_of(const Load& load) {
  return std::max({of_memory(load), of_connections(load), of_lag(load)});
}

std::uint64_t needed_descriptors(std::uint64_t clients, std::uint64_t upstream,
                                 std::uint64_t limit) {
  constexpr std::uint64_t kLeastKept = 64;
  const auto kept = std::min(clients, std::max(kLeastKept, limit / 10));
  return clients + std::max(upstream, kept);
}

Level Shedding::on_load(const Load& load, common::TimePoint now) {
  const auto wanted = level_of(load);
  if (wanted >= level_) {
    level_ = wanted;
    lower_since_.reset();
    return level_;
  }
  if (!lower_since_) {
    lower_since_ = now;
    highest_below_ = wanted;
  }
  highest_below_ = std::max(highest_below_, wanted);
  if (now - *lower_since_ >= kCalmAfter) {
    level_ = highest_below_;
    lower_since_.reset();
  }
  return level_;
}

common::Duration StandingLag::on_tick(common::Duration lag, common::TimePoint now) {
  if (now - began_ >= kWindow) {
    // After a gap nothing is known of the time before.
    previous_ = now - began_ < 2 * kWindow ? current_ : common::Duration::zero();
    current_ = lag;
    began_ = now;
  }
  current_ = std::min(current_, lag);
  return std::min(current_, previous_);
}

}  // namespace lb::overload
