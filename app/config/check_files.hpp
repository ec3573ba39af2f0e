#pragma once

#include "app/config/settings.hpp"
#include "common/yaml_reader.hpp"

#include <string>

namespace booking::config {

/// Reads every key, certificate and secret the settings name, as a start does; what is wrong with
/// one is a fault of the line that names it. Makes nothing and keeps nothing.
void check_files(const common::ConfigNode& root, const Settings& settings,
                 const std::string& config_path);

}  // namespace booking::config
