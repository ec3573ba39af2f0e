#pragma once

#include "lb/http/connection_fields.hpp"

namespace lb::http1 {

/// Whether the connection may carry another message (RFC 9112 §9.3).
bool is_persistent(const http::ConnectionOptions& options, int minor_version);

}  // namespace lb::http1
