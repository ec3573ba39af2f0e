#include "lb/http2/flood_guard.hpp"

#include <algorithm>
#include <chrono>

namespace lb::http2 {
namespace {

constexpr std::uint8_t kPriorityUpdate = 16;  // RFC 9218 §7.1

constexpr Allowance allowance_of(Ending kind) {
  switch (kind) {
    case Ending::Resets:
      return kResets;
    case Ending::StreamErrors:
      return kStreamErrors;
    case Ending::EmptyFrames:
      return kEmptyFrames;
    case Ending::Settings:
      return kSettingsFrames;
    case Ending::Pings:
      return kPings;
    case Ending::Priorities:
      return kPriorities;
    case Ending::WindowUpdates:
      return kWindowUpdates;
    default:
      return kUnknownFrames;
  }
}

/// What a frame counts as, if it counts at all.
std::optional<Ending> kind_of(const FrameHead& head) {
  switch (head.type) {
    case kData:
      if (head.length == 0 && (head.flags & kEndStream) == 0) return Ending::EmptyFrames;
      return std::nullopt;
    case kHeaders:
    case kContinuation:
      return std::nullopt;
    case kPriority:
    case kPriorityUpdate:
      return Ending::Priorities;
    case kResetStream:
      return Ending::Resets;
    case kSettings:
      return Ending::Settings;
    case kPing:
      return Ending::Pings;
    case kWindowUpdate:
      return Ending::WindowUpdates;
    default:
      return Ending::UnknownFrames;
  }
}

}  // namespace

FloodGuard::FloodGuard(common::TimePoint now) {
  for (std::size_t i = 0; i < budgets_.size(); ++i)
    budgets_[i] = {static_cast<float>(allowance_of(static_cast<Ending>(kFirst + i)).burst), now};
}

std::optional<Ending> FloodGuard::on_frame(const FrameHead& head, common::TimePoint now) {
  if (head.type != kContinuation)
    continuations_ = 0;
  else if (++continuations_ > kMostContinuations)
    return Ending::Continuations;
  const auto kind = kind_of(head);
  if (kind && !spend(*kind, now)) return kind;
  return std::nullopt;
}

bool FloodGuard::spend(Ending kind, common::TimePoint now) {
  const auto allowance = allowance_of(kind);
  auto& [left, since] = budgets_[static_cast<std::size_t>(kind) - kFirst];
  const auto passed = std::chrono::duration<double>(now - since).count();
  left = static_cast<float>(
      std::max(std::min(allowance.burst, left + passed * allowance.per_second), double{left}));
  since = now;
  if (left < 1) return false;
  left -= 1;
  return true;
}

void FloodGuard::on_data_sent() {
  auto& left = budgets_[static_cast<std::size_t>(Ending::WindowUpdates) - kFirst].left;
  left = static_cast<float>(std::min(2 * kWindowUpdates.burst, left + kWindowUpdatesForData));
}

}  // namespace lb::http2
