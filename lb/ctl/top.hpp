#pragma once

#include "common/admin_client.hpp"
#include "lb/ctl/arguments.hpp"

namespace lb::ctl {

/// Status on the whole terminal until `q`, an interrupt or the end of the input; leaves the screen
/// as it was. Where standard output is no terminal: once, as `status`.
Exit run_top(const common::AdminClient& client, std::chrono::milliseconds interval);

}  // namespace lb::ctl
