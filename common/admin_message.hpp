#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace common {

struct AdminAnswer {
  unsigned status{200};
  std::string content_type{"text/plain; charset=utf-8"};
  std::string body{};
  std::vector<std::pair<std::string, std::string>> fields{};  // beyond what every answer has
};

/// A request that has passed the door, as a route's handler sees it.
struct AdminRequest {
  std::string method;
  std::vector<std::string> parameters;  // what stood for `{}` in the route's pattern, decoded
  std::string query;                    // without its question mark, as sent
  std::string body{};
  std::string peer;  // `127.0.0.1:40112`, `uid 1000`: for the log
};

/// What is wrong, for programs and for people (RFC 9457).
AdminAnswer admin_problem(unsigned status, std::string_view code, std::string_view detail);

/// The value of `key` in a query, decoded; empty when it is not there.
std::string query_value(std::string_view query, std::string_view key);

}  // namespace common
