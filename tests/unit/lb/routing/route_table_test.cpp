#include "lb/routing/route_table.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <optional>

using namespace lb;
using Kind = routing::PathRule::Kind;
using Condition = routing::Condition;

namespace {

struct Asked {
  std::string_view authority;
  std::string_view target;
  std::string_view method{"GET"};
  http::Fields fields{};
};

http::RequestHead head_of(const Asked& asked) {
  http::RequestHead head;
  head.method_name = asked.method;
  head.authority = asked.authority;
  head.target.path = asked.target.substr(0, asked.target.find('?'));
  head.target.query = asked.target.substr(head.target.path.size());
  head.fields = asked.fields;
  return head;
}

std::optional<std::size_t> route(const routing::RouteTable& table, const Asked& asked) {
  const auto* found = table.find(head_of(asked));
  return found != nullptr ? std::optional{found->upstream} : std::nullopt;
}

routing::Route prefix(std::string host, std::string path, std::size_t upstream,
                      routing::Conditions conditions = {}) {
  return {.host = std::move(host),
          .path = {Kind::Prefix, std::move(path)},
          .conditions = std::move(conditions),
          .upstream = upstream};
}

routing::Route exact(std::string host, std::string path, std::size_t upstream) {
  return {.host = std::move(host), .path = {Kind::Exact, std::move(path)}, .upstream = upstream};
}

routing::Pattern pattern(std::string_view text) {
  auto compiled = routing::Pattern::compile(text);
  REQUIRE(compiled.has_value());
  return *compiled;
}

routing::Route matching(std::string host, std::string expression, std::size_t upstream) {
  auto compiled = pattern(expression);
  return {.host = std::move(host),
          .path = {Kind::Match, std::move(expression), std::move(compiled)},
          .upstream = upstream};
}

http::Fields cookies(std::string_view value) {
  return {{"Cookie", value, http::FieldId::Cookie, false}};
}

}  // namespace

TEST_CASE("A named host goes before any host, a longer path before a shorter", "[lb][routing]") {
  const routing::RouteTable table{{prefix("", "/", 0), prefix("", "/api", 1),
                                   prefix("a.kr", "/", 2), prefix("a.kr", "/api/v1", 3)}};
  CHECK(route(table, {"b.kr", "/"}) == 0U);
  CHECK(route(table, {"b.kr", "/api"}) == 1U);
  CHECK(route(table, {"b.kr", "/api/x"}) == 1U);
  CHECK(route(table, {"b.kr", "/apix"}) == 0U);
  CHECK(route(table, {"A.KR:8080", "/"}) == 2U);
  CHECK(route(table, {"a.kr.", "/"}) == 2U);
  CHECK(route(table, {"a.kr", "/api"}) == 2U);
  CHECK(route(table, {"a.kr", "/api/v1/b"}) == 3U);
  CHECK(route(table, {"", "/x"}) == 0U);
  CHECK(route(table, {"b.kr", "*", "OPTIONS"}) == 0U);
}

TEST_CASE("Without a matching route there is none", "[lb][routing]") {
  const routing::RouteTable table{{prefix("a.kr", "/api/", 0)}};
  CHECK(route(table, {"a.kr", "/"}) == std::nullopt);
  CHECK(route(table, {"a.kr", "/api"}) == std::nullopt);
  CHECK(route(table, {"a.kr", "/api/x"}) == 0U);
  CHECK(route(table, {"b.kr", "/api/x"}) == std::nullopt);
}

TEST_CASE("A wildcard covers every name below it, the longest first, and not the name itself",
          "[lb][routing]") {
  const routing::RouteTable table{{prefix("*.kr", "/", 0), prefix("*.a.kr", "/", 1),
                                   prefix("www.a.kr", "/", 2), prefix("", "/", 3)}};
  CHECK(route(table, {"www.a.kr", "/"}) == 2U);
  CHECK(route(table, {"x.y.a.kr", "/"}) == 1U);
  CHECK(route(table, {"X.A.KR", "/"}) == 1U);
  CHECK(route(table, {"a.kr", "/"}) == 0U);
  CHECK(route(table, {"kr", "/"}) == 3U);
  CHECK(route(table, {"xa.kr:1", "/"}) == 0U);
  CHECK(route(table, {"[::1]", "/"}) == 3U);
}

TEST_CASE("An exact path goes before expressions, those in their order before prefixes",
          "[lb][routing]") {
  const routing::RouteTable table{{prefix("", "/api/v1/users", 0),
                                   matching("", "^/api/v[0-9]+/", 1), matching("", "^/api/", 2),
                                   exact("", "/api/v1/me", 3)}};
  CHECK(route(table, {"a", "/api/v1/me"}) == 3U);
  CHECK(route(table, {"a", "/api/v1/me/"}) == 1U);
  CHECK(route(table, {"a", "/api/v1/users"}) == 1U);
  CHECK(route(table, {"a", "/api/x"}) == 2U);
  CHECK(route(table, {"a", "/x"}) == std::nullopt);
}

TEST_CASE("A route with more conditions goes first, and those that do not hold let others in",
          "[lb][routing]") {
  routing::Conditions canary;
  canary.fields = {{"x-canary", Condition::Kind::Equal, "1", {}}};
  routing::Conditions write;
  write.methods = {"POST", "PUT"};
  routing::Conditions both = canary;
  both.methods = {"POST"};
  const routing::RouteTable table{{prefix("", "/", 0), prefix("", "/", 1, canary),
                                   prefix("", "/", 2, write), prefix("", "/", 3, both)}};
  const http::Fields asked{{"X-Canary", "1", http::FieldId::Other, false}};
  CHECK(route(table, {"a", "/"}) == 0U);
  CHECK(route(table, {"a", "/", "GET", asked}) == 1U);
  CHECK(route(table, {"a", "/", "PUT", asked}) == 1U);  // as many conditions: the earlier one
  CHECK(route(table, {"a", "/", "PUT"}) == 2U);
  CHECK(route(table, {"a", "/", "POST", asked}) == 3U);
  CHECK(route(table, {"a", "/", "post"}) == 0U);  // methods are case-sensitive
}

TEST_CASE("Conditions on query parameters and cookies", "[lb][routing]") {
  struct Row {
    const char* name;
    routing::Conditions conditions;
    Asked asked;
    bool holds;
  };
  routing::Conditions version;
  version.query = {{"v", Condition::Kind::Equal, "2", {}}};
  routing::Conditions digits;
  digits.query = {{"v", Condition::Kind::Match, "^[0-9]+$", pattern("^[0-9]+$")}};
  routing::Conditions beta;
  beta.cookies = {{"beta", Condition::Kind::Present, "", {}}};
  routing::Conditions stable;
  stable.cookies = {{"beta", Condition::Kind::Absent, "", {}}};
  const std::array rows{
      Row{"equal", version, {"a", "/?v=2"}, true},
      Row{"any of several", version, {"a", "/?x=1&v=1&v=2"}, true},
      Row{"another value", version, {"a", "/?v=22"}, false},
      Row{"another name", version, {"a", "/?vv=2"}, false},
      Row{"without value", version, {"a", "/?v"}, false},
      Row{"no query", version, {"a", "/"}, false},
      Row{"expression", digits, {"a", "/?v=123"}, true},
      Row{"expression fails", digits, {"a", "/?v=12x"}, false},
      Row{"cookie", beta, {"a", "/", "GET", cookies("a=b; beta=1")}, true},
      Row{"empty cookie", beta, {"a", "/", "GET", cookies("beta=")}, true},
      Row{"longer name", beta, {"a", "/", "GET", cookies("betas=1;xbeta=2")}, false},
      Row{"absent", stable, {"a", "/"}, true},
      Row{"not absent", stable, {"a", "/", "GET", cookies("beta=1")}, false},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    const routing::RouteTable table{{prefix("", "/", 0, row.conditions)}};
    CHECK(route(table, row.asked).has_value() == row.holds);
  }
}

TEST_CASE("When no route of a host holds, those of any host are tried", "[lb][routing]") {
  routing::Conditions post;
  post.methods = {"POST"};
  const routing::RouteTable table{
      {prefix("a.kr", "/", 0, post), prefix("*.kr", "/b", 1), prefix("", "/", 2)}};
  CHECK(route(table, {"a.kr", "/", "POST"}) == 0U);
  CHECK(route(table, {"a.kr", "/b"}) == 1U);
  CHECK(route(table, {"a.kr", "/c"}) == 2U);
}

TEST_CASE("Shares are met, and a key keeps a client where it is", "[lb][routing]") {
  auto split = prefix("", "/", routing::Route::kNoUpstream);
  split.shares = {{7, 90}, {8, 10}, {9, 0}};
  std::array<int, 10> got{};
  const auto plain = head_of({"a", "/"});
  for (std::uint64_t i = 0; i < 1000; ++i)
    ++got[routing::upstream_of(split, plain, "", routing::stable_hash(std::to_string(i)))];
  CHECK(got[9] == 0);
  CHECK(got[8] > 60);
  CHECK(got[8] < 140);

  split.share_key = {routing::ShareKey::Kind::Cookie, "sid"};
  std::array<int, 10> clients{};
  for (int i = 0; i < 1000; ++i) {
    const auto cookie = "sid=" + std::to_string(i);
    const auto head = head_of({"a", "/", "GET", cookies(cookie)});
    const auto first = routing::upstream_of(split, head, "192.0.2.1", 1);
    CHECK(routing::upstream_of(split, head, "192.0.2.2", 2) == first);
    ++clients[first];
  }
  CHECK(clients[8] > 60);
  CHECK(clients[8] < 140);
  // Without the cookie the address decides.
  CHECK(routing::upstream_of(split, plain, "192.0.2.1", 1) ==
        routing::upstream_of(split, plain, "192.0.2.1", 2));
}

TEST_CASE("A thousand hosts and paths are found without walking through them", "[lb][routing]") {
  std::vector<routing::Route> routes;
  for (std::size_t i = 0; i < 1000; ++i) {
    routes.push_back(prefix("h" + std::to_string(i) + ".kr", "/", i));
    routes.push_back(prefix("", "/p" + std::to_string(i), 1000 + i));
  }
  const routing::RouteTable table{routes};
  for (std::size_t i = 0; i < 1000; ++i) {
    CHECK(route(table, {"h" + std::to_string(i) + ".kr", "/x"}) == i);
    CHECK(route(table, {"x", "/p" + std::to_string(i) + "/y"}) == 1000 + i);
  }
}

TEST_CASE("Expressions that cannot be bounded or read are refused", "[lb][routing]") {
  CHECK_FALSE(routing::Pattern::compile("(").has_value());
  CHECK_FALSE(routing::Pattern::compile("").has_value());
  CHECK_FALSE(
      routing::Pattern::compile("(a)\\1").has_value());  // no back reference, so linear time
  CHECK_FALSE(routing::Pattern::compile("((a{1000}){1000})").has_value());
  CHECK_FALSE(routing::Pattern::compile(std::string(2000, 'a')).has_value());
  CHECK(pattern("^(a+)+$").matches(std::string(100'000, 'a')));
  CHECK_FALSE(pattern("^(a+)+$").matches(std::string(100'000, 'a') + "b"));
}

TEST_CASE("Paths are compared in their normal form", "[lb][routing]") {
  const std::vector<routing::Route> routes{prefix("", "/", 0), prefix("", "/admin", 1),
                                           exact("", "/%61//b%2fc", 2),
                                           matching("", "^/x/y%2F", 3)};
  const routing::RouteTable table{routes};
  for (const char* path : {"/admin", "/%61dmin", "/%61%64%6D%69%6e/x", "//admin", "/admin///x"}) {
    CAPTURE(path);
    CHECK(route(table, {"", path}) == 1U);
  }
  for (const char* path : {"/a//b%2Fc", "/a/%62%2fc"}) CHECK(route(table, {"", path}) == 2U);
  for (const char* path : {"/x/y%2f", "//%78/y%2F"}) CHECK(route(table, {"", path}) == 3U);
  for (const char* path : {"/admin%2Fx", "/admin;x", "/Admin", "/%2561dmin", "/%4", "/%", "/%zz"})
    CHECK(route(table, {"", path}) == 0U);

  const routing::RouteTable apart{routes, false};
  CHECK(route(apart, {"", "//admin"}) == 0U);
  CHECK(route(apart, {"", "/%61dmin"}) == 1U);
}
