#pragma once

#include "common/result.hpp"
#include "lb/discovery/source.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lb::discovery {

/// A line that is no endpoint.
struct ListFault {
  std::size_t line{0};  // from 1; 0: the file as a whole
  std::string what;
};

/// What an endpoint may be called, wherever it is named: names stand in URLs of the admin API and
/// in labels of metrics.
bool is_endpoint_name(std::string_view text);

/// Endpoints, one a line: `10.0.0.21:8080 weight=50 tier=1 backup max_connections=100 name=app2`;
/// `#` begins a comment. All or nothing: the first bad line refuses the whole, and so does a list
/// without an endpoint, which is more likely a mistake than a wish.
common::Result<std::vector<Found>, ListFault> parse_endpoints(std::string_view text);

}  // namespace lb::discovery
