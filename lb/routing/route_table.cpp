#include "lb/routing/route_table.hpp"

#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"

#include <algorithm>
#include <utility>

namespace lb::routing {
namespace {

bool is_below(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return prefix == "/" && path == "*";
  return path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/';
}

}  // namespace

RouteTable::RouteTable(std::vector<Route> routes) : routes_{std::move(routes)} {
  for (std::size_t place = 0; place < routes_.size(); ++place) routes_[place].place = place;
  std::stable_sort(routes_.begin(), routes_.end(), [](const Route& a, const Route& b) {
    return std::pair{!a.host.empty(), a.path_prefix.size()} >
           std::pair{!b.host.empty(), b.path_prefix.size()};
  });
}

const Route* RouteTable::find(const http::RequestHead& request) const {
  const auto host = http::host_of(request.authority);
  for (const auto& route : routes_) {
    if (!route.host.empty() && !http::equals_lower(host, route.host)) continue;
    if (is_below(request.target.path, route.path_prefix)) return &route;
  }
  return nullptr;
}

}  // namespace lb::routing
