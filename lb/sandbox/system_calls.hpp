#pragma once

#include <system_error>

namespace lb::sandbox {

/// Only the system calls that lbd, its libraries and the start of its next binary make. seccomp(2).
std::error_code restrict_system_calls();

}  // namespace lb::sandbox
