#pragma once

#include "common/yaml_reader.hpp"

#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace common {

/// Exit statuses of every daemon.
enum class Exit : int { Ok = 0, Failed = 1, BadUsage = 2 };

struct CommandLine {
  std::string config;  // file given by --config, or the default one
  bool config_given{false};
  bool check{false};  // only say whether the configuration is right
};

/// A word that one daemon knows beside those of all: `--json`.
struct Flag {
  const char* name;  // without the dashes
  const char* help;  // one line
  bool* given;       // set when it stands there
};

/// Reads `--config FILE [--check] | --version | --help`. Returns nothing when the process has said
/// all it had to; `exit` is then what it must leave with. `default_config` is used without
/// --config.
std::optional<CommandLine> read_command_line(int argc, char** argv, std::string_view program,
                                             std::string_view purpose,
                                             std::string_view default_config, Exit& exit,
                                             std::span<const Flag> flags = {});

/// Prints faults of a configuration to standard error, one a line, and their number.
void print_errors(const std::vector<ConfigError>& errors);
/// A line each on standard error, marked as warnings.
void print_warnings(const std::vector<ConfigError>& warnings);

}  // namespace common
