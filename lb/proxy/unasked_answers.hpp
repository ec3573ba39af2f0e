#pragma once

#include <string_view>

namespace lb::proxy {

// Said to a client whose request nobody has read; its connection ends with it.

/// To a client with too many connections.
inline constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    "Connection: close\r\n\r\n";

/// To a client that speaks HTTP in the clear where TLS is spoken.
inline constexpr std::string_view kNotTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 28\r\n"
    "Connection: close\r\n\r\nThis port speaks HTTPS only.";

}  // namespace lb::proxy
