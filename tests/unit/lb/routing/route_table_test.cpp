#include "lb/routing/route_table.hpp"

#include "tests/support/catch.hpp"

#include <optional>

using namespace lb;

namespace {

std::optional<std::size_t> route(const routing::RouteTable& table, std::string_view authority,
                                 std::string_view path) {
  http::RequestHead head;
  head.authority = authority;
  head.target = {path, path, std::nullopt};
  const auto* found = table.find(head);
  return found != nullptr ? std::optional{found->upstream} : std::nullopt;
}

}  // namespace

TEST_CASE("A named host goes before any host, a longer path before a shorter", "[lb][routing]") {
  const routing::RouteTable table{
      {{"", "/", 0}, {"", "/api", 1}, {"a.kr", "/", 2}, {"a.kr", "/api/v1", 3}}};
  CHECK(route(table, "b.kr", "/") == 0U);
  CHECK(route(table, "b.kr", "/api") == 1U);
  CHECK(route(table, "b.kr", "/api/x") == 1U);
  CHECK(route(table, "b.kr", "/apix") == 0U);
  CHECK(route(table, "A.KR:8080", "/") == 2U);
  CHECK(route(table, "a.kr", "/api") == 2U);
  CHECK(route(table, "a.kr", "/api/v1/b") == 3U);
  CHECK(route(table, "", "/x") == 0U);
  CHECK(route(table, "b.kr", "*") == 0U);
}

TEST_CASE("Without a matching route there is none", "[lb][routing]") {
  const routing::RouteTable table{{{"a.kr", "/api/", 0}}};
  CHECK(route(table, "a.kr", "/") == std::nullopt);
  CHECK(route(table, "a.kr", "/api") == std::nullopt);
  CHECK(route(table, "a.kr", "/api/x") == 0U);
  CHECK(route(table, "b.kr", "/api/x") == std::nullopt);
}
