#pragma once

#include "scripts/strobe/driver/options.hpp"

#include <string>

namespace strobe::driver {

/// Runs to the end of the schedule, or to SIGINT or SIGTERM, and until every request begun has its
/// record. The summary as JSON. Throws std::runtime_error when the target's
/// name is not found or its authorities cannot be read, std::system_error when the lines cannot be
/// written.
std::string run(const Options& options);

}  // namespace strobe::driver
