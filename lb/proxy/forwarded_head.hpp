#pragma once

#include "lb/http/date.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/http1/writer.hpp"
#include "lb/proxy/client_origin.hpp"

#include <string>
#include <string_view>

namespace lb::proxy {

/// What the endpoint is told beside the request's own fields.
struct RequestNotes {
  std::string_view request_id;
  std::string_view peer;           // who speaks to us, as text; the last hop in Forwarded
  std::string_view upstream;       // stands for Host when the client (of HTTP/1.0) has named none
  std::string_view traceparent{};  // empty: what the client said passes, tracestate too
  std::string_view tracestate{};
  std::string_view upgrade{};             // protocols asked for
  std::string_view trailers{};            // names announced
  std::string_view version{"1.1"};        // of HTTP, as the peer speaks it
  bool secure{false};                     // the peer speaks TLS
  std::string_view client_subject{};      // of the certificate it has shown, if any
  std::string_view client_fingerprint{};  // empty: none
  bool accepts_trailers{false};           // the client takes them in the answer
  bool expects_continue{false};           // the client waits for leave to send the content
};

/// The head of `request` as an endpoint gets it: every field written anew, fields of the client's
/// hop left out, framing and Host said once; Forwarded, X-Forwarded-* and X-Request-ID ours, as
/// `origin` has it, whatever the client claimed.
void write_request_head(http1::Writer& out, const http1::ParsedRequest& request,
                        const ClientOrigin& origin, const RequestNotes& notes);

/// How an answer is framed for the client.
struct AnswerFraming {
  bool chunked{false};          // else as the endpoint said, or until close
  bool close{false};            // the connection ends with this answer
  bool tell_keep_alive{false};  // HTTP/1.0 clients must be told that it does not
  std::string trailers{};       // names announced; only when they are passed on
};
AnswerFraming frame_answer(const http1::ParsedResponse& response, bool client_persistent,
                           int client_minor_version);

/// Strict-Transport-Security of ours in place of an endpoint's or a filter's: there is one at the
/// most (RFC 6797 §6.1). Nothing changes when `value` is empty.
void put_hsts(http::Fields& fields, std::string_view value);

void write_response_head(http1::Writer& out, const http1::ParsedResponse& response,
                         const AnswerFraming& framing, const http::DateText& now);

/// An interim answer (RFC 9110 §15.2) other than 101.
void write_interim_head(http1::Writer& out, const http1::ParsedResponse& response);

/// The answer 101 that changes the connection to another protocol.
void write_switching_head(http1::Writer& out, const http1::ParsedResponse& response,
                          const http::DateText& now);

}  // namespace lb::proxy
