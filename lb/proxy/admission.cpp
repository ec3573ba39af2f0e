#include "lb/proxy/admission.hpp"

#include "lb/http/characters.hpp"

namespace lb::proxy {

using Kind = http1::BodyLength::Kind;

std::optional<Trouble> refuse(const http1::ParsedRequest& request, const Limits& limits) {
  if (request.head.method == http::Method::Connect) return Trouble::ConnectMethod;
  // Its answer holds the request as it was sent, what is only for endpoints included (RFC 9110
  // §9.3.8).
  if (request.head.method == http::Method::Trace) return Trouble::TraceMethod;
  if (request.body.kind == Kind::Counted && request.body.octets > limits.body.value)
    return Trouble::BodyTooLarge;
  return std::nullopt;
}

BodyPlan plan_body(const http1::BodyLength& body, const Limits& limits) {
  if (body.kind == Kind::None || (body.kind == Kind::Counted && body.octets == 0))
    return BodyPlan::None;
  if (body.kind == Kind::Counted && body.octets <= limits.replay.value) return BodyPlan::Held;
  return BodyPlan::Streamed;
}

bool may_repeat(const http::RequestHead& head) {
  if (http::is_idempotent(head.method)) return true;
  const auto* key = http::find(head.fields, http::FieldId::IdempotencyKey);
  return key != nullptr && !key->value.empty();
}

bool wants_html(const http::Fields& fields) {
  const auto* accept = http::find(fields, http::FieldId::Accept);
  if (accept == nullptr) return false;
  // Order stands for preference: browsers name text/html first, clients of the API name JSON or
  // all.
  bool html = false;
  bool decided = false;
  http::for_each_member(accept->value, [&](std::string_view member) {
    if (decided) return;
    const auto type = http::trim(member.substr(0, member.find(';')));
    html = http::equals_lower(type, "text/html");
    decided = html || http::equals_lower(type, "application/json") ||
              http::equals_lower(type, "application/problem+json");
  });
  return html;
}

}  // namespace lb::proxy
