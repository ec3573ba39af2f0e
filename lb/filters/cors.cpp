#include "lb/filters/cors.hpp"

#include "lb/filters/field_edits.hpp"
#include "lb/http/characters.hpp"

#include <algorithm>
#include <array>

namespace lb::filters {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

const http::Field* find(const http::Fields& fields, std::string_view lower) {
  for (const auto& field : fields)
    if (http::equals_lower(field.name, lower)) return &field;
  return nullptr;
}

bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, http::to_lower, http::to_lower);
}

}  // namespace

Cors::Cors(CorsOptions options)
    : options_{std::move(options)},
      any_{options_.origins.size() == 1 && options_.origins.front() == "*"},
      methods_{joined(options_.methods)},
      fields_{joined(options_.fields)},
      exposed_{joined(options_.exposed)},
      max_age_{std::to_string(options_.max_age.count())} {}

Next Cors::on_request(const Request& request, Passage& passage) const {
  const auto* origin = find(request.head.fields, "origin");
  if (origin == nullptr) return Next::Pass;
  const auto known = std::ranges::find(options_.origins, origin->value);
  const bool is_known = any_ || known != options_.origins.end();
  if (known != options_.origins.end())
    passage.note(*this, 1 + static_cast<std::uint64_t>(known - options_.origins.begin()));
  const auto* wanted = find(request.head.fields, "access-control-request-method");
  if (request.head.method != http::Method::Options || wanted == nullptr) return Next::Pass;
  return answer_preflight(request, wanted->value, is_known, passage);
}

Next Cors::answer_preflight(const Request& request, std::string_view wanted, bool known,
                            Passage& passage) const {
  bool allowed = known && std::ranges::find(options_.methods, wanted) != options_.methods.end();
  if (const auto* fields = find(request.head.fields, "access-control-request-headers"))
    http::for_each_member(fields->value, [&](std::string_view name) {
      allowed = allowed && std::ranges::any_of(options_.fields, [name](const auto& listed) {
                  return is_same_name(listed, name);
                });
    });
  if (!allowed) {
    passage.note(*this, 0);
    return passage.refuse(Reason::OriginDenied);
  }
  Answer answer{.reason = Reason::Preflight};
  answer.fields.push_back({"Access-Control-Allow-Methods", methods_});
  if (!fields_.empty()) answer.fields.push_back({"Access-Control-Allow-Headers", fields_});
  answer.fields.push_back({"Access-Control-Max-Age", max_age_});
  answer.fields.push_back(
      {"Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"});
  return passage.reply(std::move(answer));
}

void Cors::on_response(Response& response, Passage& passage) const {
  static constexpr std::array kOurs{"access-control-allow-origin",
                                    "access-control-allow-credentials",
                                    "access-control-expose-headers"};
  auto& fields = response.head.fields;
  for (const auto* name : kOurs) take_away(fields, name);
  // A cache must not give one origin what another was allowed.
  if (!any_) fields.push_back({"Vary", "Origin"});
  const auto noted = any_ ? 1 : passage.noted(*this);
  if (noted == 0) return;
  fields.push_back({"Access-Control-Allow-Origin", options_.origins[noted - 1]});
  if (options_.credentials) fields.push_back({"Access-Control-Allow-Credentials", "true"});
  if (!exposed_.empty()) fields.push_back({"Access-Control-Expose-Headers", exposed_});
}

}  // namespace lb::filters
