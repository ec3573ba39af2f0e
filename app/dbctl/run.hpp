#pragma once

#include <string>
#include <vector>

namespace booking::dbctl {

/// The whole program: words of the command line in, exit status out.
int run(const std::vector<std::string>& words);

}  // namespace booking::dbctl
