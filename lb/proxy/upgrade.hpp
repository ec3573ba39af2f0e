#pragma once

#include "lb/http1/head_parser.hpp"

#include <string>
#include <string_view>

namespace lb::proxy {

/// The protocols that a request asks to change to and that may be asked for at an endpoint (RFC
/// 9110 §7.8), as a list; empty when there are none. Never from HTTP/1.0 and never together with
/// content, whose end two parties could see elsewhere. Other versions of HTTP (`h2c`) and `TLS` are
/// left out: what they carry would come past routes and limits. The request is then served as any
/// other.
std::string forwardable_upgrade(const http1::ParsedRequest& request);

/// The protocols that an answer 426 asks for and that may be asked for by way of us (RFC 9110
/// §15.5.22), as a list; empty for every other answer.
std::string offered_upgrade(const http1::ParsedResponse& answer);

/// An answer 101 changes to one protocol, and to one of those `asked` for.
bool is_asked_upgrade(const http1::ParsedResponse& answer, std::string_view asked);

}  // namespace lb::proxy
