#pragma once

#include "common/result.hpp"
#include "lb/http/message.hpp"
#include "lb/http1/errc.hpp"

#include <cstdint>

namespace lb::http1 {

/// How long a message body is (RFC 9112 §6.3).
struct BodyLength {
  enum class Kind : std::uint8_t { None, Counted, Chunked, UntilClose };
  Kind kind{Kind::None};
  std::uint64_t octets{0};  // only when Counted; None is also a Counted 0

  bool operator==(const BodyLength&) const = default;
};

/// Of a request. `minor_version` is 0 for HTTP/1.0, which knows no Transfer-Encoding.
common::Result<BodyLength, Errc> request_body_length(const http::Fields& fields, int minor_version);

/// Of a final answer to `method`; refusals are the endpoint's fault.
common::Result<BodyLength, Errc> response_body_length(const http::ResponseHead& head,
                                                      http::Method method, int minor_version);

}  // namespace lb::http1
