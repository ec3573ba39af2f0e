#include "app/api/health_endpoints.hpp"

#include "common/json_text.hpp"

namespace booking::api {
namespace {

namespace asio = boost::asio;

asio::awaitable<Response> say(HealthEndpoints::Verdict verdict) {
  co_return json_response(verdict.status, std::move(verdict.body));
}

}  // namespace

void HealthEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/livez", [](const Request&) { return say(alive()); });
  routes.add("GET", "/readyz", [this](const Request&) { return say(ready()); });
}

HealthEndpoints::Verdict HealthEndpoints::alive() { return {200, "{\"status\":\"alive\"}"}; }

HealthEndpoints::Verdict HealthEndpoints::ready() const {
  auto readiness = store_.readiness();
  if (lifecycle_.draining) readiness.reasons.insert(readiness.reasons.begin(), "draining");
  if (readiness.ready() && !lifecycle_.draining) return {200, "{\"status\":\"ready\"}"};
  std::string body{"{\"status\":\"not ready\",\"reasons\":["};
  for (std::size_t i = 0; i < readiness.reasons.size(); ++i) {
    if (i > 0) body += ',';
    common::append_json_string(body, readiness.reasons[i]);
  }
  body += "]}";
  return {503, std::move(body)};
}

}  // namespace booking::api
