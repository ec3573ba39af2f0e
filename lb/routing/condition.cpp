#include "lb/routing/condition.hpp"

#include "lb/http/characters.hpp"
#include "lb/http/cookies.hpp"

#include <algorithm>

namespace lb::routing {
namespace {

/// `find_any(visit)` calls `visit` with each value there is until it says true.
template <class FindAny>
bool holds(const Condition& condition, FindAny find_any) {
  bool present = false;
  const bool accepted = find_any([&](std::string_view value) {
    present = true;
    return condition.accepts(value);
  });
  return condition.kind == Condition::Kind::Absent ? !present : accepted;
}

bool field_holds(const Condition& condition, const http::Fields& fields) {
  return holds(condition, [&](auto visit) {
    return std::ranges::any_of(fields, [&](const http::Field& field) {
      return http::equals_lower(field.name, condition.name) && visit(field.value);
    });
  });
}

bool query_holds(const Condition& condition, std::string_view query) {
  return holds(condition, [&](auto visit) {
    for (auto rest = query; !rest.empty();) {
      const auto end = rest.find('&');
      const auto pair = rest.substr(0, end);
      const auto equals = pair.find('=');
      if (pair.substr(0, equals) == condition.name &&
          visit(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1)))
        return true;
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return false;
  });
}

}  // namespace

bool Condition::accepts(std::string_view value) const {
  switch (kind) {
    case Kind::Present:
      return true;
    case Kind::Absent:
      return false;
    case Kind::Equal:
      return value == text;
    case Kind::Match:
      return pattern && pattern->matches(value);
  }
  return false;
}

bool Conditions::hold(const http::RequestHead& request) const {
  if (!methods.empty() && std::ranges::find(methods, request.method_name) == methods.end())
    return false;
  for (const auto& condition : fields)
    if (!field_holds(condition, request.fields)) return false;
  if (!query.empty()) {
    auto text = request.target.query;
    if (!text.empty()) text.remove_prefix(1);
    for (const auto& condition : query)
      if (!query_holds(condition, text)) return false;
  }
  for (const auto& condition : cookies) {
    const auto value = http::cookie_value(request.fields, condition.name);
    if (!holds(condition, [&](auto visit) { return value && visit(*value); })) return false;
  }
  return true;
}

}  // namespace lb::routing
