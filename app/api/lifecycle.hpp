#pragma once

namespace booking::api {

/// Where the process stands in its life; written by the server, told by /readyz.
struct Lifecycle {
  bool draining{false};
};

}  // namespace booking::api
