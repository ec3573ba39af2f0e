#pragma once

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "vrrpd/daemon/router_options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vrrp::config {

/// The options in `path`, or every fault of the file in the order of its lines.
common::Result<daemon::Options, std::vector<common::ConfigError>> load(const std::string& path);
common::Result<daemon::Options, std::vector<common::ConfigError>> load_text(std::string_view text,
                                                                            std::string name);

}  // namespace vrrp::config
