#pragma once

#include "common/yaml_reader.hpp"
#include "lb/config/machine.hpp"
#include "lb/config/snapshot.hpp"

#include <memory>
#include <string>
#include <vector>

namespace lb::config {

/// A snapshot, or why there is none.
struct Loaded {
  std::shared_ptr<const Snapshot> snapshot;  // null when there are errors
  std::vector<common::ConfigError> errors;
  std::vector<common::ConfigError> warnings;
  std::vector<common::ConfigSetting> settings;  // that were asked for, set or not
};

/// `machine`: whether it would run there is looked at, too, and warned of; null: the file alone.
Loaded load_file(const std::string& path, const Machine* machine = nullptr);
Loaded load_text(std::string_view text, std::string name, const Machine* machine = nullptr);

}  // namespace lb::config
