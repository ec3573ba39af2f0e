#pragma once

#include "lb/config/snapshot.hpp"

#include <string>
#include <vector>

namespace lb::server {

/// What the operator should know of a reload, a line each: `upstream api added`.
std::vector<std::string> changes_between(const config::Snapshot& before,
                                         const config::Snapshot& after);

/// Settings that only another process can take: put back in `after` as they are in `before`. Their
/// keys, to be named to the operator; empty in most reloads.
std::vector<std::string> keep_until_restart(const config::Snapshot& before,
                                            config::Snapshot& after);

}  // namespace lb::server
