#include "lb/proxy/forwarded_head.hpp"

#include "common/reason_phrase.hpp"
#include "lb/http/characters.hpp"
#include "lb/proxy/admission.hpp"
#include "lb/proxy/upgrade.hpp"

#include <array>
#include <charconv>

namespace lb::proxy {
namespace {

using http::FieldId;
using Kind = http1::BodyLength::Kind;

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

void add_status_line(http1::Writer& out, unsigned status) {
  out.add("HTTP/1.1 ");
  add_number(out, status);
  out.add(" ").add(common::reason_phrase(status)).add("\r\n");
}

/// What concerns our own hop to the endpoint.
void add_hop_fields(http1::Writer& out, const RequestNotes& notes) {
  if (notes.expects_continue) out.add("Expect: 100-continue\r\n");
  if (!notes.trailers.empty()) out.add_field("Trailer", notes.trailers);
  if (!notes.upgrade.empty()) out.add_field("Upgrade", notes.upgrade);
  // RFC 9110 §7.6.1, §10.1.4: both concern one hop and say so.
  if (notes.accepts_trailers) out.add("TE: trailers\r\n");
  if (!notes.upgrade.empty() || notes.accepts_trailers)
    out.add(notes.upgrade.empty()    ? "Connection: TE\r\n"
            : notes.accepts_trailers ? "Connection: upgrade, TE\r\n"
                                     : "Connection: upgrade\r\n");
}

/// RFC 7239, with our hop behind those of others: `for=192.0.2.1;host="a:1";proto=http`.
void add_forwarded(http1::Writer& out, const ClientOrigin& origin, const RequestNotes& notes,
                   std::string_view host) {
  const auto peer = notes.peer;
  out.add("Forwarded: ");
  if (!origin.forwarded.empty()) out.add(origin.forwarded).add(", ");
  if (peer.find(':') == std::string_view::npos)
    out.add("for=").add(peer);
  else
    out.add("for=\"[").add(peer).add("]\"");
  if (!host.empty()) out.add(";host=\"").add(host).add("\"");
  out.add(notes.secure ? ";proto=https\r\n" : ";proto=http\r\n");
}

void add_passed_fields(http1::Writer& out, const http::Fields& fields) {
  for (const auto& field : fields)
    if (!field.connection_specific && field.id != FieldId::ContentLength)
      out.add_field(field.name, field.value);
}

}  // namespace

void write_request_head(http1::Writer& out, const http1::ParsedRequest& request,
                        const ClientOrigin& origin, const RequestNotes& notes) {
  const auto& head = request.head;
  out.add(head.method_name)
      .add(" ")
      .add(head.target.path)
      .add(head.target.query)
      .add(" HTTP/1.1\r\n");
  // RFC 9112 §3.3: a fixed name of our own. An empty one is right, too, but nginx refuses it.
  out.add_field("Host", head.authority.empty() ? notes.upstream : head.authority);
  const auto left = max_forwards(head);
  for (const auto& field : head.fields)
    if (!field.connection_specific && !http::is_written_for_endpoints(field.id) &&
        (field.id != FieldId::MaxForwards || !left) &&
        (notes.traceparent.empty() || !is_of_trace(field.id)))
      out.add_field(field.name, field.value);
  if (request.body.kind == Kind::Counted) add_content_length(out, request.body.octets);
  if (request.body.kind == Kind::Chunked) out.add("Transfer-Encoding: chunked\r\n");
  if (left) {
    out.add("Max-Forwards: ");
    add_number(out, *left - 1);
    out.add("\r\n");
  }
  add_hop_fields(out, notes);
  out.add("Via: ").add(notes.version).add(" lbd\r\n");  // RFC 9110 §7.6.3, after those of others
  add_forwarded(out, origin, notes, head.authority);
  out.add_field("X-Forwarded-For", origin.forwarded_for);
  out.add_field("X-Forwarded-Proto", origin.scheme);
  if (!origin.host.empty()) out.add_field("X-Forwarded-Host", origin.host);
  if (!origin.port.empty()) out.add_field("X-Forwarded-Port", origin.port);
  out.add_field("X-Request-ID", notes.request_id);
  if (!notes.client_fingerprint.empty()) {
    out.add_field("X-Client-Cert-Subject", notes.client_subject);
    out.add_field("X-Client-Cert-Fingerprint", notes.client_fingerprint);
  }
  if (!notes.traceparent.empty()) out.add_field("traceparent", notes.traceparent);
  if (!notes.tracestate.empty()) out.add_field("tracestate", notes.tracestate);
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

void put_hsts(http::Fields& fields, std::string_view value) {
  constexpr std::string_view kName{"Strict-Transport-Security"};
  if (value.empty()) return;
  std::erase_if(fields, [](const http::Field& field) {
    return http::equals_lower(field.name, "strict-transport-security");
  });
  fields.push_back({kName, value});
}

void write_response_head(http1::Writer& out, const http1::ParsedResponse& response,
                         const AnswerFraming& framing, const http::DateText& now) {
  const auto& head = response.head;
  add_status_line(out, head.status);
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
  if (!framing.trailers.empty()) out.add_field("Trailer", framing.trailers);
  // RFC 9110 §6.6.1: who has a clock dates what came without.
  if (!dated) out.add_field("Date", {now.data(), now.size()});
  if (const auto protocols = offered_upgrade(response); !protocols.empty()) {
    out.add_field("Upgrade", protocols);
    out.add("Connection: upgrade\r\n");
  }
  if (framing.close) out.add("Connection: close\r\n");
  if (framing.tell_keep_alive) out.add("Connection: keep-alive\r\n");
  out.add("\r\n");
}

void write_interim_head(http1::Writer& out, const http1::ParsedResponse& response) {
  add_status_line(out, response.head.status);
  add_passed_fields(out, response.head.fields);
  out.add("\r\n");
}

void write_switching_head(http1::Writer& out, const http1::ParsedResponse& response,
                          const http::DateText& now) {
  add_status_line(out, response.head.status);
  add_passed_fields(out, response.head.fields);
  if (http::find(response.head.fields, FieldId::Date) == nullptr)
    out.add_field("Date", {now.data(), now.size()});
  if (const auto* protocol = http::find(response.head.fields, FieldId::Upgrade))
    out.add_field("Upgrade", protocol->value);
  out.add("Connection: upgrade\r\n\r\n");
}

}  // namespace lb::proxy
