#pragma once

#include "app/dbctl/config/options.hpp"
#include "common/result.hpp"
#include "common/yaml_reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::dbctl {

/// Options, or everything that is wrong with them.
struct Loaded {
  std::optional<Options> options;
  std::vector<common::ConfigError> errors;
};
Loaded load_file(const std::string& path);
Loaded load_text(std::string_view text, std::string name);

/// Reads the two passwords; relative names are beside the configuration. The error names the file.
common::Result<void, std::string> read_passwords(Options& options, const std::string& config_path);

}  // namespace booking::dbctl
