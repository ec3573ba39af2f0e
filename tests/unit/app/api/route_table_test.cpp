#include "app/api/route_table.hpp"

#include "tests/support/catch.hpp"

namespace booking::api {
namespace {

boost::asio::awaitable<Response> nothing(const Request& /*request*/) { co_return Response{}; }

RouteTable table() {
  RouteTable routes;
  routes.add("GET", "/bookings", nothing);
  routes.add("POST", "/bookings", nothing);
  routes.add("POST", "/bookings/{number}/approve", nothing);
  return routes;
}

}  // namespace

TEST_CASE("A route is found by method and path", "[booking][api]") {
  const auto routes = table();
  CHECK(routes.find("GET", "/bookings").handler != nullptr);
  CHECK(routes.find("HEAD", "/bookings").handler != nullptr);
  const auto match = routes.find("POST", "/bookings/K7M/approve");
  REQUIRE(match.handler != nullptr);
  CHECK(match.parameter == "K7M");
  CHECK(match.pattern == "/bookings/{number}/approve");
}

TEST_CASE("A path that nearly fits does not", "[booking][api]") {
  const auto routes = table();
  const auto* const path =
      GENERATE("/", "", "/bookings/", "/bookingsx", "/bookings//approve", "/bookings/approve",
               "/bookings/a/b/approve", "/bookings/a/approve/");
  CAPTURE(path);
  const auto match = routes.find("POST", path);
  CHECK(match.handler == nullptr);
  CHECK(match.allow.empty());
}

TEST_CASE("A known path tells its methods to one it does not know", "[booking][api]") {
  const auto match = table().find("DELETE", "/bookings");
  CHECK(match.handler == nullptr);
  CHECK(match.allow == "GET, HEAD, POST");
}

}  // namespace booking::api
