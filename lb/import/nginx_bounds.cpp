#include "common/units.hpp"
#include "lb/import/site.hpp"

namespace lb::import {
namespace {

/// What a server or a location has of its own; what stands in `http` is for the whole of lbd.
const Directive* own(const Scope& scope, std::string_view name) {
  for (const auto* at = &scope; at->around != nullptr; at = at->around)
    if (const auto* const found = Scope{at->block}.last(name)) return found;
  return nullptr;
}

void add(std::string& keys, const std::string& key, const std::string& value) {
  keys.append(keys.empty() ? "" : ", ").append(key).append(": ").append(value);
}

}  // namespace

std::string body_size_text(const Directive& directive) {
  constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 40U;
  const auto size = octets_of(directive.argument(0)).value_or(0);
  return common::format_bytes({size > 0 ? size : kUnlimited});
}

void import_bounds(const Scope& scope, RouteText& route, Site& site) {
  if (const auto* const body = own(scope, "client_max_body_size")) {
    add(route.limits, "body", body_size_text(*body));
    site.notes.became(*body, "limits.body of the route");
  }
  const auto time = [&](const Directive* directive, std::initializer_list<const char*> keys,
                        const char* become) {
    if (directive == nullptr) return;
    const auto text = time_text(directive->argument(0));
    if (!text) return site.notes.left_out(*directive, "lbd has no such time");
    for (const auto* key : keys) add(route.timeouts, key, *text);
    site.notes.became(*directive, become);
  };
  time(own(scope, "client_body_timeout"), {"body"}, "timeouts.body of the route");
  if (!route.upstream.empty())
    time(scope.last("proxy_read_timeout"), {"first_byte", "between_bytes", "tunnel"},
         "timeouts.first_byte, .between_bytes and .tunnel of the route");
}

}  // namespace lb::import
