#pragma once

#include "lb/http/date.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/http1/writer.hpp"

#include <string_view>

namespace lb::proxy {

/// What the endpoint is told about where a request came from.
struct Origin {
  std::string_view client;  // address
  std::string_view scheme;  // of the client's side: `http`
  std::string_view request_id;
  std::string_view authority;  // whom the client asked, whatever the endpoint is told
  std::string_view upstream;   // stands for Host when the client (of HTTP/1.0) has named none
  std::string_view traceparent{};  // empty: what the client said passes, tracestate too
  std::string_view tracestate{};
};

/// The head of `request` as an endpoint gets it: every field written anew, fields of the client's
/// hop left out, framing and Host said once, X-Forwarded-* and X-Request-ID ours whatever the
/// client claimed.
void write_request_head(http1::Writer& out, const http1::ParsedRequest& request,
                        const Origin& origin);

/// How an answer is framed for the client.
struct AnswerFraming {
  bool chunked{false};          // else as the endpoint said, or until close
  bool close{false};            // the connection ends with this answer
  bool tell_keep_alive{false};  // HTTP/1.0 clients must be told that it does not
};
AnswerFraming frame_answer(const http1::ParsedResponse& response, bool client_persistent,
                           int client_minor_version);

void write_response_head(http1::Writer& out, const http1::ParsedResponse& response,
                         const AnswerFraming& framing, const http::DateText& now);

}  // namespace lb::proxy
