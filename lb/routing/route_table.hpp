#pragma once

#include "lb/http/message.hpp"
#include "lb/routing/route.hpp"

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace lb::routing {

/// Finds the route of a request, whatever the order in the configuration:
/// 1. a route for exactly this host, then for the longest `*.` that covers it, then for any host;
/// 2. among those an exact path, then regular expressions in their order in the configuration,
///    then the longest prefix;
/// 3. for one and the same path the route with more conditions, then the earlier one.
/// The first whose conditions hold wins; when none of a host's routes do, the next host is tried.
class RouteTable {
 public:
  explicit RouteTable(std::vector<Route> routes, bool merge_slashes = true);

  /// Null when nothing matches. Paths are compared in their normal form, and forwarded as they
  /// came: no other spelling leads past a route. Time does not grow with the number of hosts and
  /// paths, but with that of regular expressions.
  const Route* find(const http::RequestHead& request) const;

 private:
  using Routes = std::vector<const Route*>;  // of one path, the most particular first
  struct Group {                             // the routes of one host
    struct Length {
      std::size_t octets;
      std::vector<std::pair<std::string_view, Routes>> prefixes;  // in their order
    };
    std::vector<std::pair<std::string_view, Routes>> exact;  // in their order
    Routes matches;
    std::vector<Length> lengths;  // the longest first

    void add(const Route& route);
    void sort();
    const Route* find(const http::RequestHead& request, std::string_view path) const;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Groups = std::unordered_map<std::string, Group, Hash, std::equal_to<>>;

  const Route* find_by_host(const http::RequestHead& request, std::string_view path) const;

  std::shared_ptr<const std::vector<Route>> routes_;  // what the groups point into stays put
  bool merge_slashes_;
  Groups hosts_;
  Groups wildcards_;  // without their `*.`
  Group any_;
};

/// The upstream of a request that `route` takes; kNoUpstream when it has none. Without a key
/// `random` decides, else a hash that is the same in every process.
std::size_t upstream_of(const Route& route, const http::RequestHead& request,
                        std::string_view client_network, std::uint64_t random);

/// FNV-1a with a finish: the same on every machine and in every version. For spreading only, not
/// against those who choose their text.
std::uint64_t stable_hash(std::string_view text);

}  // namespace lb::routing
