#pragma once

#include "common/log.hpp"
#include "common/yaml_reader.hpp"

namespace common {

/// The `log:` section, the same in every daemon: `format` (json, console) and `level` (debug, info,
/// warn, error).
void read_log_options(const ConfigNode& log, LogOptions& out);

}  // namespace common
