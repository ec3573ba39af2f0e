#include "lb/proxy/forwarded_head.hpp"

#include "lb/http/status.hpp"

#include <array>
#include <charconv>

namespace lb::proxy {
namespace {

using http::FieldId;
using Kind = http1::BodyLength::Kind;

bool is_written_by_us(FieldId id) {
  switch (id) {
    case FieldId::ContentLength:
    case FieldId::Expect:  // met or refused here
    case FieldId::Forwarded:
    case FieldId::Host:
    case FieldId::XForwardedFor:
    case FieldId::XForwardedHost:
    case FieldId::XForwardedPort:
    case FieldId::XForwardedProto:
    case FieldId::XRealIp:
    case FieldId::XRequestId:
      return true;
    default:
      return false;
  }
}

bool is_of_trace(FieldId id) { return id == FieldId::Traceparent || id == FieldId::Tracestate; }

void add_number(http1::Writer& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.add({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void add_content_length(http1::Writer& out, std::uint64_t octets) {
  out.add("Content-Length: ");
  add_number(out, octets);
  out.add("\r\n");
}

}  // namespace

void write_request_head(http1::Writer& out, const http1::ParsedRequest& request,
                        const Origin& origin) {
  const auto& head = request.head;
  out.add(head.method_name).add(" ").add(head.target.path_and_query).add(" HTTP/1.1\r\n");
  // RFC 9112 §3.3: a fixed name of our own. An empty one is right, too, but nginx refuses it.
  out.add_field("Host", head.authority.empty() ? origin.upstream : head.authority);
  for (const auto& field : head.fields)
    if (!field.connection_specific && !is_written_by_us(field.id) &&
        (origin.traceparent.empty() || !is_of_trace(field.id)))
      out.add_field(field.name, field.value);
  if (request.body.kind == Kind::Counted) add_content_length(out, request.body.octets);
  if (request.body.kind == Kind::Chunked) out.add("Transfer-Encoding: chunked\r\n");
  out.add("Via: 1.1 lbd\r\n");  // RFC 9110 §7.6.3, after those of others
  out.add_field("X-Forwarded-For", origin.client);
  out.add_field("X-Forwarded-Proto", origin.scheme);
  if (!origin.authority.empty()) out.add_field("X-Forwarded-Host", origin.authority);
  out.add_field("X-Request-ID", origin.request_id);
  if (!origin.traceparent.empty()) out.add_field("traceparent", origin.traceparent);
  if (!origin.tracestate.empty()) out.add_field("tracestate", origin.tracestate);
  out.add("\r\n");
}

AnswerFraming frame_answer(const http1::ParsedResponse& response, bool client_persistent,
                           int client_minor_version) {
  AnswerFraming framing;
  const bool unknown_length =
      response.body.kind == Kind::Chunked || response.body.kind == Kind::UntilClose;
  framing.chunked = unknown_length && client_minor_version > 0;
  framing.close = !client_persistent || (unknown_length && client_minor_version == 0);
  framing.tell_keep_alive = !framing.close && client_minor_version == 0;
  return framing;
}

void write_response_head(http1::Writer& out, const http1::ParsedResponse& response,
                         const AnswerFraming& framing, const http::DateText& now) {
  const auto& head = response.head;
  out.add("HTTP/1.1 ");
  add_number(out, head.status);
  out.add(" ").add(http::reason_phrase(head.status)).add("\r\n");
  bool dated = false;
  for (const auto& field : head.fields) {
    if (field.connection_specific) continue;
    dated = dated || field.id == FieldId::Date;
    // RFC 9110 §8.6: an answer 204 has none; elsewhere without a body it tells what GET would get.
    if (field.id == FieldId::ContentLength &&
        (response.body.kind != Kind::None || head.status == 204))
      continue;
    out.add_field(field.name, field.value);
  }
  if (response.body.kind == Kind::Counted) add_content_length(out, response.body.octets);
  if (framing.chunked) out.add("Transfer-Encoding: chunked\r\n");
  // RFC 9110 §6.6.1: who has a clock dates what came without.
  if (!dated) out.add_field("Date", {now.data(), now.size()});
  if (framing.close) out.add("Connection: close\r\n");
  if (framing.tell_keep_alive) out.add("Connection: keep-alive\r\n");
  out.add("\r\n");
}

}  // namespace lb::proxy
