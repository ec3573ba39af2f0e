#include "app/core/lookup_guard.hpp"

#include <algorithm>

namespace booking::core {
namespace {

constexpr unsigned kFirstBits = 14;
constexpr unsigned kMostBits = 20;
constexpr std::uint32_t kMostDoublings = 20;

}  // namespace

GuardVerdict judge(std::uint32_t free, const Failures& failures, const GuardLimits& limits,
                   common::WallTime now) {
  if (failures.count < free) return {};
  const auto since = std::max(now - failures.last, std::chrono::microseconds{0});
  if (since >= limits.memory) return {};
  const auto beyond = failures.count - free;
  const auto wait =
      std::min(limits.first_wait * (1 << std::min(beyond, kMostDoublings)), limits.longest_wait);
  const auto left = std::chrono::ceil<std::chrono::seconds>(wait - since);
  if (left.count() <= 0) return {};
  return {left, std::min(kFirstBits + beyond, kMostBits)};
}

GuardVerdict stricter(const GuardVerdict& a, const GuardVerdict& b) {
  return {std::max(a.wait, b.wait), std::max(a.bits, b.bits)};
}

}  // namespace booking::core
