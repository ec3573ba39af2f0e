#pragma once

#include "common/yaml_reader.hpp"
#include "vrrpd/hostcheck/rules.hpp"

#include <string>
#include <vector>

namespace vrrp::hostcheck {

/// `warning: out0/51: …, … (rule)`, a line each, for a person.
std::string to_text(const std::vector<Finding>& findings);
/// `{"right": …, "faults": [of the file], "findings": [of the host]}`, one line. `right` is false
/// with any fault and with any finding that is an error.
std::string to_json(const std::vector<common::ConfigError>& faults,
                    const std::vector<Finding>& findings);
bool has_error(const std::vector<Finding>& findings);

}  // namespace vrrp::hostcheck
