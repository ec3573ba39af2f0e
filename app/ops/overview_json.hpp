#pragma once

#include "app/ops/differences.hpp"
#include "app/ops/overview.hpp"

#include <span>
#include <string>

namespace booking::ops {

/// One JSON object; `events` newest first.
std::string overview_json(const Overview& overview, std::span<const Event> events);

}  // namespace booking::ops
