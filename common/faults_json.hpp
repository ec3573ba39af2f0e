#pragma once

#include "common/yaml_reader.hpp"

#include <boost/json/array.hpp>

#include <vector>

namespace common {

/// Faults of a configuration for `check --json`: `{"file", "line", "path", "wrong", "right"}` each.
boost::json::array faults_json(const std::vector<ConfigError>& errors);

}  // namespace common
