#pragma once

#include "lb/routing/condition.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace lb::routing {

struct PathRule {
  enum class Kind : std::uint8_t {
    Prefix,  // whole segments: `/api` takes `/api` and `/api/x`, not `/apix`
    Exact,
    Match,
  } kind{Kind::Prefix};
  std::string text{"/"};             // of Match: the expression
  std::optional<Pattern> pattern{};  // of Match

  bool operator==(const PathRule& other) const { return kind == other.kind && text == other.text; }
};

/// One of the upstreams that share the requests of a route.
struct Share {
  std::size_t upstream{0};  // its place in the configuration
  std::uint32_t weight{1};  // of the sum of all
};

/// What keeps a client with the upstream it got.
struct ShareKey {
  enum class Kind : std::uint8_t { Request, Address, Cookie, Field } kind{Kind::Request};
  std::string name{};  // of the cookie or field; a request without it goes by its address
};

/// Which requests go where.
struct Route {
  static constexpr std::size_t kNoUpstream = static_cast<std::size_t>(-1);

  std::string host{};  // lower case, no port; `*.example.kr`; empty: any
  PathRule path{};
  Conditions conditions{};
  std::size_t upstream{0};      // its place in the configuration, or kNoUpstream
  std::vector<Share> shares{};  // instead of `upstream`; a sum above 0
  ShareKey share_key{};
  std::size_t place{0};      // of the route itself; the table sets it
  std::string name{};        // in metrics and logs
  std::uint8_t priority{0};  // of its requests where they wait for a place at an endpoint
};

}  // namespace lb::routing
