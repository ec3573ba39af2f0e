#include "app/api/health_endpoints.hpp"

#include "common/json_text.hpp"

#include <string_view>
#include <vector>

namespace booking::api {
namespace {

namespace asio = boost::asio;

asio::awaitable<Response> say(HealthEndpoints::Verdict verdict) {
  co_return json_response(verdict.status, std::move(verdict.body));
}

/// `status` is JSON, and what else stands beside it.
std::string verdict(std::string_view status, const std::vector<std::string>& reasons) {
  std::string body{"{\"status\":"};
  body += status;
  body += ",\"reasons\":[";
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (i > 0) body += ',';
    common::append_json_string(body, reasons[i]);
  }
  body += "]}";
  return body;
}

}  // namespace

void HealthEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/livez", [](const Request&) { return say(alive()); });
  routes.add("GET", "/readyz", [this](const Request&) { return say(ready()); });
}

HealthEndpoints::Verdict HealthEndpoints::alive() { return {200, "{\"status\":\"alive\"}"}; }

HealthEndpoints::Verdict HealthEndpoints::ready() const {
  auto readiness = store_.readiness();
  if (lifecycle_.draining) {
    readiness.reasons.insert(readiness.reasons.begin(), "draining");
    return {503, verdict("\"not ready\"", readiness.reasons)};
  }
  if (readiness.ready()) return {200, "{\"status\":\"ready\",\"writes\":\"taken\"}"};
  if (readiness.serves_reads())
    return {200, verdict("\"ready\",\"writes\":\"unavailable\"", readiness.reasons)};
  return {503, verdict("\"not ready\"", readiness.reasons)};
}

}  // namespace booking::api
