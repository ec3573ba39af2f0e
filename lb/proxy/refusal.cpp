#include "lb/proxy/refusal.hpp"

#include "common/contract.hpp"

#include <array>

namespace lb::proxy {
namespace {

struct Row {
  Trouble trouble;
  unsigned status;
  std::string_view code;
  std::string_view detail;
};

constexpr std::array<Row, kTroubleCount> kRows{{
    {Trouble::ConnectMethod, 501, "connect_method", "CONNECT is not served here."},
    {Trouble::TraceMethod, 405, "trace_method", "TRACE is not served here."},
    {Trouble::ForwardedHeadTooLarge, 431, "forwarded_head_too_large",
     "The fields are too large together with those added here."},
    {Trouble::LastForward, 200, "last_forward", "The request was not to go any further."},
    {Trouble::BodyTooLarge, 413, "body_too_large", "The content of the request is too large."},
    {Trouble::NoRoute, 404, "no_route", "Nothing is served under this name and path."},
    {Trouble::Misdirected, 421, "misdirected",
     "This name or scheme is not served on this connection."},
    {Trouble::HeadTimeout, 408, "head_timeout", "The request took too long to arrive."},
    {Trouble::BodyTimeout, 408, "body_timeout", "The content of the request stopped arriving."},
    {Trouble::BodyTooSlow, 408, "body_too_slow", "The content of the request came too slowly."},
    {Trouble::NoEndpoint, 503, "no_endpoint", "No server is fit to answer just now."},
    {Trouble::QueueFull, 503, "queue_full", "Too many requests wait for a server."},
    {Trouble::Overloaded, 503, "overloaded", "There is too much to do just now."},
    {Trouble::QueueTimeout, 503, "queue_timeout", "No server had room for the request in time."},
    {Trouble::NotConnected, 502, "not_connected", "The server could not be reached."},
    {Trouble::ConnectTimeout, 504, "connect_timeout", "The server could not be reached in time."},
    {Trouble::ConnectionDied, 502, "connection_died", "The server closed before it answered."},
    {Trouble::AnswerTimeout, 504, "answer_timeout", "The server did not answer in time."},
    {Trouble::BadAnswer, 502, "bad_answer", "The server's answer was malformed."},
    {Trouble::TotalTimeout, 504, "total_timeout", "The exchange took too long as a whole."},
    {Trouble::ClientGone, 499, "client_gone", "The client left before it was answered."},
    {Trouble::ClientStalled, 499, "client_stalled", "The client stopped taking the answer."},
    {Trouble::AnswerCut, 502, "answer_cut", "The server's answer ended too early."},
    {Trouble::TunnelTimeout, 504, "tunnel_timeout", "Nothing was said for too long."},
    {Trouble::Intercepted, 500, "intercepted", "The server answered with an error."},
}};

}  // namespace

Refusal refusal_of(Trouble trouble) {
  const auto place = static_cast<std::size_t>(trouble);
  const auto& row = kRows.at(place);
  common::expects(row.trouble == trouble, "every trouble has its row, in order");
  return {row.status, row.code, row.detail, http1::kErrcCount + place};
}

Refusal refusal_of(http1::Errc reason) {
  return {http1::status_of(reason), http1::label_of(reason), http1::explain(reason),
          static_cast<std::size_t>(reason)};
}

Refusal refusal_of(filters::Reason reason) {
  const auto& row = filters::row_of(reason);
  return {row.status, row.code, row.detail,
          http1::kErrcCount + kTroubleCount + static_cast<std::size_t>(reason)};
}

std::vector<std::string_view> refusal_codes() {
  std::vector<std::string_view> codes;
  for (std::size_t i = 0; i < http1::kErrcCount; ++i)
    codes.push_back(http1::label_of(static_cast<http1::Errc>(i)));
  for (const auto& row : kRows) codes.push_back(row.code);
  for (std::size_t i = 0; i < filters::kReasonCount; ++i)
    codes.push_back(filters::row_of(static_cast<filters::Reason>(i)).code);
  return codes;
}

}  // namespace lb::proxy
