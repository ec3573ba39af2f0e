#include "app/api/same_origin.hpp"

namespace booking::api {

bool is_same_origin(const Request& request) {
  if (const auto site = request.field("Sec-Fetch-Site"); !site.empty())
    return site == "same-origin" || site == "none";
  const auto origin = request.field("Origin");
  if (origin.empty()) return true;
  const auto scheme = origin.find("://");
  // The scheme is not compared: a load balancer may have ended TLS in front of us.
  return scheme != std::string_view::npos &&
         iequals(origin.substr(scheme + 3), request.field("Host"));
}

}  // namespace booking::api
