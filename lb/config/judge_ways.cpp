#include "lb/config/readers.hpp"

#include <algorithm>
#include <set>

namespace lb::config {
namespace {

std::set<std::size_t> upstreams_of(const routing::Route& route) {
  std::set<std::size_t> all;
  for (const auto& share : route.shares) all.insert(share.upstream);
  if (route.shares.empty() && route.upstream != routing::Route::kNoUpstream)
    all.insert(route.upstream);
  return all;
}

/// Who comes by the route has shown a certificate. A route for any host is had under any name.
bool asks_for_certificate(const tls::Server& server, const routing::Route& route) {
  std::string_view host = route.host;
  if (host.starts_with('*')) host.remove_prefix(1);
  return (host.empty() ? server.asked_of_all() : server.asked_for(host)) ==
         tls::ClientCertificate::Required;
}

}  // namespace

void judge_ways(const std::vector<common::ConfigNode>& nodes, const Snapshot& snapshot) {
  const auto& routes = snapshot.routes;
  for (const auto& [listener, server] : snapshot.tls) {
    std::set<std::size_t> guarded;
    for (const auto& route : routes)
      if (asks_for_certificate(*server, route)) guarded.merge(upstreams_of(route));
    for (std::size_t i = 0; i < routes.size(); ++i) {
      if (asks_for_certificate(*server, routes[i])) continue;
      for (const auto place : upstreams_of(routes[i]))
        if (guarded.contains(place))
          nodes[i].warn("upstream",
                        "it is reached by listener \"" + listener +
                            "\" without the client certificate that other routes to upstream \"" +
                            snapshot.upstreams[place].name + "\" ask for",
                        "a host whose certificate asks for one, or an upstream of its own");
    }
  }
}

}  // namespace lb::config
