#include "lb/filters/forward_auth.hpp"

#include "lb/filters/field_edits.hpp"
#include "lb/http/characters.hpp"

#include <algorithm>

namespace lb::filters {
namespace {

using http::FieldId;

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// Fields that lbd or another proxy writes, and those about content, ranges and caches, which a
/// question about permission has nothing to do with.
bool is_of_the_request_itself(const http::Field& field) {
  if (http::is_written_for_endpoints(field.id) || field.id == FieldId::Claim ||
      field.id == FieldId::IdempotencyKey)
    return true;
  const auto begins = [&field](std::string_view lower) {
    return http::equals_lower(field.name.substr(0, lower.size()), lower);
  };
  return begins("content-") || begins("if-") || http::equals_lower(field.name, "range");
}

bool is_listed(const std::vector<std::string>& lower_names, std::string_view name) {
  return std::ranges::any_of(lower_names,
                             [name](const auto& lower) { return http::equals_lower(name, lower); });
}

}  // namespace

ForwardAuth::ForwardAuth(ForwardAuthOptions options) : options_{std::move(options)} {
  for (auto* names : {&options_.request_fields, &options_.response_fields})
    for (auto& name : *names) std::ranges::transform(name, name.begin(), http::to_lower);
}

bool ForwardAuth::sends(const http::Field& field) const {
  if (field.connection_specific || is_of_the_request_itself(field)) return false;
  return options_.request_fields.empty() || is_listed(options_.request_fields, field.name);
}

Next ForwardAuth::on_request(const Request& request, Passage& passage) const {
  const auto& head = request.head;
  Subrequest question;
  question.upstream = options_.upstream;
  question.timeout = options_.timeout;
  auto& out = question.head;
  out.append("GET ").append(options_.path).append(" HTTP/1.1\r\n");
  append_field(out, "Host", options_.host.empty() ? head.authority : options_.host);
  for (const auto& field : head.fields)
    if (sends(field)) append_field(out, field.name, field.value);
  append_field(out, "X-Forwarded-Method", head.method_name);
  append_field(out, "X-Forwarded-Proto", request.scheme);
  append_field(out, "X-Forwarded-Host", head.authority);
  out.append("X-Forwarded-Uri: ").append(head.target.path).append(head.target.query).append("\r\n");
  append_field(out, "X-Forwarded-For", request.client.to_string());
  append_field(out, "X-Request-ID", request.request_id);
  out.append("Via: 1.1 lbd\r\n\r\n");
  question.most_content = kLargestAnswer;
  return passage.ask(std::move(question));
}

Next ForwardAuth::on_subanswer(const Subanswer* answer, const Request&, Passage& passage) const {
  if (answer == nullptr || answer->head.status >= 500 || answer->head.status < 200)
    return passage.refuse(Reason::AuthUnavailable, {{"Retry-After", "1"}});
  if (answer->head.status < 300) {
    for (const auto& name : options_.response_fields) {
      passage.remove_field(name);  // nobody but the one who was asked may say it
      for (const auto& field : answer->head.fields)
        if (!field.connection_specific && http::equals_lower(field.name, name))
          passage.add_field(name, passage.keep(std::string{field.value}));
    }
    return Next::Pass;
  }
  Answer own{.reason = Reason::AuthDenied, .status = answer->head.status};
  for (const auto& field : answer->head.fields) {
    if (field.connection_specific || field.id == FieldId::ContentLength ||
        field.id == FieldId::Date || field.id == FieldId::Trailer)
      continue;
    own.fields.push_back({passage.keep(std::string{field.name}),
                          passage.keep(std::string{field.value}), field.id, false});
  }
  own.content = passage.keep(std::string{answer->content});
  return passage.reply(std::move(own));
}

}  // namespace lb::filters
