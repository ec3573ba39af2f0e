#include "lb/filters/field_edits.hpp"

#include "lb/http/characters.hpp"

namespace lb::filters {
namespace {

using http::FieldId;

constexpr std::string_view kFraming = "it frames the message, which lbd does itself";
constexpr std::string_view kOneHop = "it concerns one connection only";
constexpr std::string_view kTrusted = "endpoints trust what lbd writes into it";

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> lower_names) {
  for (const auto lower : lower_names)
    if (http::equals_lower(name, lower)) return true;
  return false;
}

std::optional<std::string_view> why_not(FieldId id) {
  switch (id) {
    case FieldId::ContentLength:
    case FieldId::TransferEncoding:
    case FieldId::Trailer:
      return kFraming;
    case FieldId::Connection:
    case FieldId::Http2Settings:
    case FieldId::KeepAlive:
    case FieldId::Proxy:
    case FieldId::ProxyConnection:
    case FieldId::Te:
    case FieldId::Upgrade:
    case FieldId::Expect:
      return kOneHop;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::string_view> why_not_in_requests(std::string_view name) {
  const auto id = http::identify(name);
  if (const auto why = why_not(id)) return why;
  switch (id) {
    case FieldId::Host:
      return "a rewrite with `host` changes it";
    case FieldId::Forwarded:
    case FieldId::XForwardedFor:
    case FieldId::XForwardedHost:
    case FieldId::XForwardedPort:
    case FieldId::XForwardedProto:
    case FieldId::XRequestId:
    case FieldId::Disguised:
      return kTrusted;
    default:
      break;
  }
  if (is_one_of(name, {"via"})) return kTrusted;
  if (is_one_of(name, {"content-encoding", "content-range"})) return "it tells what the content is";
  return std::nullopt;
}

std::optional<std::string_view> why_not_in_answers(std::string_view name) {
  const auto id = http::identify(name);
  if (const auto why = why_not(id)) return why;
  if (id == FieldId::Date) return "lbd writes it when it is missing";
  if (is_one_of(name, {"content-encoding", "content-range"})) return "it tells what the content is";
  if (is_one_of(name, {"ratelimit", "ratelimit-policy"})) return "the rate_limit filter writes it";
  return std::nullopt;
}

Next FieldEdits::on_request(const Request& request, Passage& passage) const {
  for (const auto& name : request_.remove) passage.remove_field(name);
  for (const auto& field : request_.set) {
    passage.remove_field(field.name);
    passage.add_field(field.name, field.value.render(request, passage));
  }
  for (const auto& field : request_.add)
    passage.add_field(field.name, field.value.render(request, passage));
  return Next::Pass;
}

void take_away(http::Fields& fields, std::string_view name) {
  for (auto& field : fields) {
    if (field.name.size() != name.size()) continue;
    bool same = true;
    for (std::size_t i = 0; same && i < name.size(); ++i)
      same = http::to_lower(field.name[i]) == http::to_lower(name[i]);
    if (same) field.connection_specific = true;
  }
}

void FieldEdits::on_response(Response& response, Passage&) const {
  auto& fields = response.head.fields;
  const auto put = [&fields](const FieldValue& field) {
    fields.push_back({field.name, field.value.literal(), http::identify(field.name), false});
  };
  for (const auto& name : response_.remove) take_away(fields, name);
  for (const auto& field : response_.set) {
    take_away(fields, field.name);
    put(field);
  }
  for (const auto& field : response_.add) put(field);
}

}  // namespace lb::filters
