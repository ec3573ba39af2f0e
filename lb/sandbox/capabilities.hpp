#pragma once

#include <system_error>

namespace lb::sandbox {

/// Keeps at most CAP_NET_BIND_SERVICE, also for programs executed later. capabilities(7).
std::error_code drop_capabilities();

}  // namespace lb::sandbox
