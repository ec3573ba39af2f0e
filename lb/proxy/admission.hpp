#pragma once

#include "lb/http1/head_parser.hpp"
#include "lb/proxy/proxy_options.hpp"
#include "lb/proxy/refusal.hpp"

#include <optional>

namespace lb::proxy {

/// How the body of a request reaches the endpoint.
enum class BodyPlan {
  None,
  Held,      // read whole first, kept until the answer begins, can be sent again
  Streamed,  // passed on as it arrives
};

/// How many more may forward this OPTIONS (RFC 9110 §7.6.2), when it says so. TRACE, the other
/// method it concerns, goes nowhere.
std::optional<std::uint64_t> max_forwards(const http::RequestHead& head);

/// What a well-formed request is refused for wherever it would go.
std::optional<Trouble> refuse(const http1::ParsedRequest& request);

/// A body says so before it comes.
bool is_too_large(const http1::BodyLength& body, const Bounds& bounds);

BodyPlan plan_body(const http1::BodyLength& body, const Limits& limits);

/// The client allows the request to be done twice: by its method or by an Idempotency-Key.
bool may_repeat(const http::RequestHead& head);

/// Whether our own answers are shown by a browser: `Accept` names text/html and does not prefer
/// JSON.
bool wants_html(const http::Fields& fields);

}  // namespace lb::proxy
