#pragma once

#include <string>
#include <string_view>

namespace lb::http2 {

/// RFC 4648 §4.
std::string base64(std::string_view octets);
/// What proves to a client of HTTP/1.1, which sent `key`, that WebSocket is spoken (RFC 6455
/// §4.2.2). In HTTP/2 nobody asks for it (RFC 8441 §5).
std::string websocket_accept(std::string_view key);

}  // namespace lb::http2
