#pragma once

#include "lb/ctl/arguments.hpp"
#include "lb/ctl/client.hpp"

namespace lb::ctl {

/// Status on the whole terminal until `q`, an interrupt or the end of the input; leaves the screen
/// as it was. Where standard output is no terminal: once, as `status`.
Exit run_top(const Client& client, std::chrono::milliseconds interval);

}  // namespace lb::ctl
