#pragma once

#include "lb/config/snapshot.hpp"
#include "lb/net/descriptor.hpp"

#include <cstdint>

namespace lb::server {

/// Octets that this process may use: as configured, or as its control group has it; 0: no limit.
std::uint64_t memory_limit(const config::Snapshot& snapshot);

/// A descriptor to give up when there are no others; empty when there is none even now.
net::Descriptor open_reserve();

}  // namespace lb::server
