#pragma once

#include <cstddef>
#include <string>

namespace lb::routing {

/// Requests for `host` (empty: any) whose path begins with `path_prefix` go to `upstream`.
struct Route {
  static constexpr std::size_t kNoUpstream = static_cast<std::size_t>(-1);
  std::string host;              // lower case, no port
  std::string path_prefix{"/"};  // whole segments: `/api` takes `/api` and `/api/x`, not `/apix`
  std::size_t upstream{0};       // its place in the configuration, or kNoUpstream
  std::size_t place{0};          // of the route itself; the table sets it
  std::string name{};            // in metrics and logs
};

}  // namespace lb::routing
