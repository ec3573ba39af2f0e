#include "lb/config/readers.hpp"
#include "lb/http/target.hpp"

#include <algorithm>

namespace lb::config {
namespace {

constexpr std::size_t kMostRoutes = 1024;

std::shared_ptr<const filters::Chain> chain_of(const FilterList& site, FilterList own) {
  if (site.filters.empty() && own.filters.empty()) return nullptr;
  auto chain = std::make_shared<filters::Chain>();
  chain->filters = site.filters;
  std::ranges::move(own.filters, std::back_inserter(chain->filters));
  return chain;
}

}  // namespace

void read_routes(const common::ConfigNode& root, Snapshot& snapshot) {
  const auto& upstreams = snapshot.upstreams;
  auto& routes = snapshot.routes;
  const auto site = read_filters(root, snapshot);
  for (const auto& node : root.items("routes", 1, kMostRoutes)) {
    routing::Route route;
    node.read("host", route.host);
    std::transform(route.host.begin(), route.host.end(), route.host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!route.host.empty() &&
        (!http::is_authority(route.host) || http::host_of(route.host) != route.host))
      node.fault("host", '"' + route.host + "\" is no host name", "a host name without a port");
    read_path(node, "path", route.path_prefix);
    node.read("name", route.name);
    if (route.name.empty()) route.name = route.host + route.path_prefix;
    auto filters = read_filters(node, snapshot);
    std::string name;
    if (filters.answers)
      node.read("upstream", name);
    else
      node.require("upstream", name);
    const auto found =
        std::find_if(upstreams.begin(), upstreams.end(),
                     [&name](const auto& upstream) { return upstream.name == name; });
    if (found == upstreams.end() && node.has("upstream"))
      node.fault("upstream", "there is no upstream \"" + name + '"', "a name under upstreams");
    route.upstream = node.has("upstream") ? static_cast<std::size_t>(found - upstreams.begin())
                                          : routing::Route::kNoUpstream;
    const bool twice = std::any_of(routes.begin(), routes.end(), [&route](const auto& other) {
      return other.host == route.host && other.path_prefix == route.path_prefix;
    });
    if (twice) node.fault("path", "this host and path have a route already", "one route for each");
    routes.push_back(std::move(route));
    snapshot.chains.push_back(chain_of(site, std::move(filters)));
  }
}

}  // namespace lb::config
