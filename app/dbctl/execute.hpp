#pragma once

#include "app/dbctl/config/options.hpp"
#include "app/pair/carry_out.hpp"

namespace booking::dbctl {

/// Carries the plan out on the two nodes; see pair::carry_out. SIGINT, SIGTERM and SIGHUP end it
/// where it can be taken back, and nowhere else.
pair::Ending execute(const pair::Plan& plan, const Options& options, const pair::Told& told);

}  // namespace booking::dbctl
