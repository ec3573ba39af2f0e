#include "app/api/route_table.hpp"

#include "common/contract.hpp"

#include <algorithm>
#include <optional>

namespace booking::api {
namespace {

/// What stands for the `{…}` of the pattern (empty when it has none), or nothing when the path does
/// not fit.
std::optional<std::string_view> fit(std::string_view pattern, std::string_view path) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos)
    return pattern == path ? std::optional{std::string_view{}} : std::nullopt;
  const auto before = pattern.substr(0, open);
  const auto after = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  const auto middle = path.substr(before.size(), path.size() - before.size() - after.size());
  if (middle.find('/') != std::string_view::npos) return std::nullopt;
  return middle;
}

}  // namespace

void RouteTable::add(std::string_view method, std::string_view pattern, Handler handler) {
  const bool known = std::ranges::any_of(routes_, [&](const Route& route) {
    return route.method == method && route.pattern == pattern;
  });
  common::expects(!known, "a route is added once");
  routes_.push_back({std::string{method}, std::string{pattern}, std::move(handler)});
}

void RouteTable::add_upload(std::string_view method, std::string_view pattern, Handler handler) {
  add(method, pattern, std::move(handler));
  routes_.back().upload = true;
}

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
  const auto wanted = method == "HEAD" ? std::string_view{"GET"} : method;
  Match match;
  for (const auto& route : routes_) {
    const auto parameter = fit(route.pattern, path);
    if (!parameter) continue;
    match.pattern = route.pattern;
    match.parameter = *parameter;
    if (route.method == wanted) {
      match.handler = &route.handler;
      match.upload = route.upload;
      return match;
    }
    match.allow += match.allow.empty() ? "" : ", ";
    match.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return match;
}

std::vector<std::string> RouteTable::list() const {
  std::vector<std::string> all;
  for (const auto& route : routes_) all.push_back(route.method + ' ' + route.pattern);
  return all;
}

}  // namespace booking::api
