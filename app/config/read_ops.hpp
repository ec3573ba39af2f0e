#pragma once

#include "app/ops/ops_options.hpp"
#include "common/yaml_reader.hpp"

namespace booking::config {

/// The section `ops`: whom the operations page asks.
void read_ops(const common::ConfigNode& node, ops::OpsOptions& out);

}  // namespace booking::config
