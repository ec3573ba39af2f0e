#pragma once

#include "common/result.hpp"
#include "lb/http/connection_fields.hpp"
#include "lb/http/message.hpp"
#include "lb/http1/errc.hpp"
#include "lb/http1/framing.hpp"
#include "lb/http1/limits.hpp"

#include <cstddef>
#include <string_view>

namespace lb::http1 {

struct ParsedRequest {
  http::RequestHead head;
  int minor_version{1};
  BodyLength body;
  bool expects_continue{false};
  http::ConnectionOptions connection;
  bool persistent{false};  // the client means to send another
};

struct ParsedResponse {
  http::ResponseHead head;
  int minor_version{1};
  BodyLength body;
  http::ConnectionOptions connection;
  bool persistent{false};  // the endpoint lets the connection be used again
};

/// Whether a client begins TLS (a handshake record, RFC 8446 §5.1): no request begins so, and
/// whether a line will ever end need not be awaited.
inline bool is_tls(std::string_view octets) { return octets.starts_with('\x16'); }

/// Reads a request head at the front of `octets` into `out`, whose memory is used again and whose
/// views point into `octets`. Gives the number of octets it took, or 0 when its end has not
/// arrived. A pure function of all octets so far: however they were split, the answer is the same.
/// Call it again when another line has ended, not for every octet.
common::Result<std::size_t, Errc> parse_request(std::string_view octets, const Limits& limits,
                                                ParsedRequest& out);

/// The same for an answer to `method`; for an interim one (1xx) the body is None.
common::Result<std::size_t, Errc> parse_response(std::string_view octets, const Limits& limits,
                                                 http::Method method, ParsedResponse& out);

}  // namespace lb::http1
