#include "lb/proxy/admission.hpp"

#include "lb/http/characters.hpp"

namespace lb::proxy {

using Kind = http1::BodyLength::Kind;

std::optional<std::uint64_t> max_forwards(const http::RequestHead& head) {
  if (head.method != http::Method::Options) return std::nullopt;
  const auto* field = http::find(head.fields, http::FieldId::MaxForwards);
  constexpr std::size_t kMostDigits = 18;  // more are as good as none
  if (field == nullptr || field->value.empty() || field->value.size() > kMostDigits ||
      !http::all_are(field->value, http::kDigit))
    return std::nullopt;
  std::uint64_t left = 0;
  for (const char digit : field->value) left = left * 10 + static_cast<std::uint64_t>(digit - '0');
  return left;
}

std::optional<Trouble> refuse(const http1::ParsedRequest& request) {
  if (request.head.method == http::Method::Connect) return Trouble::ConnectMethod;
  // Its answer holds the request as it was sent, what is only for endpoints included (RFC 9110
  // §9.3.8).
  if (request.head.method == http::Method::Trace) return Trouble::TraceMethod;
  if (max_forwards(request.head) == 0U) return Trouble::LastForward;
  return std::nullopt;
}

bool is_too_large(const http1::BodyLength& body, const Bounds& bounds) {
  return body.kind == Kind::Counted && body.octets > bounds.body;
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
