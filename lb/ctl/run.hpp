#pragma once

#include "lb/ctl/arguments.hpp"

namespace lb::ctl {

/// Carries a command out: answers to standard output, what went wrong to standard error.
Exit run(const Arguments& arguments);

}  // namespace lb::ctl
