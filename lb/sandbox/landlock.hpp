#pragma once

#include "lb/sandbox/sandbox.hpp"

#include <system_error>

namespace lb::sandbox {

/// Nothing in the file system but `paths`. landlock(7). Descriptors that are open stay as they are.
std::error_code restrict_files(const Paths& paths);

}  // namespace lb::sandbox
