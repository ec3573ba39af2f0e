#include "lb/config/readers.hpp"
#include "lb/http/target.hpp"

#include <algorithm>

namespace lb::config {
namespace {

constexpr std::size_t kMostRoutes = 1024;

bool is_path(std::string_view text) {
  return text.starts_with('/') && http::parse_target(text, false).has_value();
}

}  // namespace

std::vector<routing::Route> read_routes(const common::ConfigNode& root,
                                        const std::vector<upstream::UpstreamOptions>& upstreams) {
  std::vector<routing::Route> routes;
  for (const auto& node : root.items("routes", 1, kMostRoutes)) {
    routing::Route route;
    node.read("host", route.host);
    std::transform(route.host.begin(), route.host.end(), route.host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!route.host.empty() &&
        (!http::is_authority(route.host) || http::host_of(route.host) != route.host))
      node.fault("host", '"' + route.host + "\" is no host name", "a host name without a port");
    node.read("path", route.path_prefix);
    if (!is_path(route.path_prefix) || route.path_prefix.find('?') != std::string::npos)
      node.fault("path", '"' + route.path_prefix + "\" is no path", "a path such as /api");
    node.read("name", route.name);
    if (route.name.empty()) route.name = route.host + route.path_prefix;
    std::string name;
    node.require("upstream", name);
    const auto found =
        std::find_if(upstreams.begin(), upstreams.end(),
                     [&name](const auto& upstream) { return upstream.name == name; });
    if (found == upstreams.end() && node.has("upstream"))
      node.fault("upstream", "there is no upstream \"" + name + '"', "a name under upstreams");
    route.upstream = static_cast<std::size_t>(found - upstreams.begin());
    const bool twice = std::any_of(routes.begin(), routes.end(), [&route](const auto& other) {
      return other.host == route.host && other.path_prefix == route.path_prefix;
    });
    if (twice) node.fault("path", "this host and path have a route already", "one route for each");
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace lb::config
