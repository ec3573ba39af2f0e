#pragma once

#include "lb/http/message.hpp"
#include "lb/routing/route.hpp"

#include <vector>

namespace lb::routing {

/// Finds the route of a request: a route that names the host goes before one for any host, then the
/// longer path prefix goes before the shorter, whatever their order in the configuration.
class RouteTable {
 public:
  explicit RouteTable(std::vector<Route> routes);

  /// Null when nothing matches. Paths are compared octet by octet, as they are forwarded.
  const Route* find(const http::RequestHead& request) const;

 private:
  std::vector<Route> routes_;  // the most particular first
};

}  // namespace lb::routing
