#pragma once

#include "vrrpd/ctl/arguments.hpp"

namespace vrrp::ctl {

/// Carries a command out: answers to standard output, what went wrong to standard error.
Exit run(const Arguments& arguments);

}  // namespace vrrp::ctl
