#pragma once

#include "app/pair/plan.hpp"

#include <span>
#include <string_view>

namespace booking::pair {

/// A server variable without which an acknowledged booking can be lost.
struct NeededSetting {
  std::string_view name;
  std::string_view value;  // as SELECT @@global.name says it
  std::string_view because;
};
std::span<const NeededSetting> needed_settings();

/// Every setting of the node that is not what it must be, in the words of `name = found, value
/// needed: because`.
std::vector<std::string> wrong_settings(const NodeSeen& node);

/// Milliseconds after which a primary would go on without its replica by itself; less is a loss
/// waiting to happen.
inline constexpr std::uint64_t kLeastSemiSyncTimeout = 600'000;

}  // namespace booking::pair
