#pragma once

#include "app/ops/overview.hpp"

#include <string>
#include <vector>

namespace booking::ops {

/// Something that changed between two looks.
struct Event {
  common::WallTime at;
  Health severity{Health::Good};
  std::string text;

  bool operator==(const Event&) const = default;
};

/// What an operator would want to know of the change from `before` to `after`, in no particular
/// order. A first look has no before and no events.
std::vector<Event> differences(const Overview& before, const Overview& after);

}  // namespace booking::ops
