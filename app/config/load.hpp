#pragma once

#include "app/config/settings.hpp"
#include "common/result.hpp"
#include "common/yaml_reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::config {

/// Settings, or everything that is wrong with them.
struct Loaded {
  std::optional<Settings> settings;
  std::vector<common::ConfigError> errors;
};

Loaded load_file(const std::string& path);
/// The same, and what is wrong with the keys, certificates and secrets it names (check_files.hpp).
Loaded check_file(const std::string& path);
/// An empty text is every default.
Loaded load_text(std::string_view text, std::string name);

/// Where a program may keep what it must not lose: $STATE_DIRECTORY (systemd), or else what the XDG
/// Base Directory Specification says, or /var/lib/mainstay for root.
std::string state_directory();

/// Where a secret of that name stands: in $CREDENTIALS_DIRECTORY (systemd's LoadCredential=) or
/// else beside the configuration, unless the name is absolute.
std::string secret_path(const std::string& name, const std::string& config_path);

/// Puts the first line of a secret's file into `out`; does nothing without a name. Not part of
/// loading: what is loaded may be looked at where secrets are not.
common::Result<void> read_secret(const std::string& name, const std::string& config_path,
                                 std::string& out);

}  // namespace booking::config
