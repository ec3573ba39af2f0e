#include "lb/config/load.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace lb::config;
using Catch::Matchers::Contains;

namespace {

const std::string kBefore = R"(listeners: [{address: "127.0.0.1:80"}]
upstreams: [{name: a, endpoints: ["127.0.0.1:1"]}, {name: b, endpoints: ["127.0.0.1:2"]}]
)";

Loaded load_routes(const std::string& routes) {
  return load_text(kBefore + "routes:\n" + routes, "t.yaml");
}

/// Of a route `/` to `a` with this one filter.
Loaded load_filter(const std::string& filter) {
  return load_routes("  - upstream: a\n    filters:\n      - " + filter + "\n");
}

std::string faults(const Loaded& loaded) {
  std::string out;
  for (const auto& error : loaded.errors) out += error.to_string() + '\n';
  return out;
}

/// A file with this content, gone with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    const int descriptor = ::mkstemp(name_.data());
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    std::ofstream{name_} << content;
  }
  ~TemporaryFile() { std::remove(name_.c_str()); }
  const std::string& name() const { return name_; }

 private:
  std::string name_{"/tmp/mainstay-filters-XXXXXX"};
};

}  // namespace

TEST_CASE("Every rule of a route is read", "[lb][config]") {
  const auto loaded = load_routes(R"(
  - name: api
    host: "*.Example.kr"
    path: {regex: "^/v[0-9]+/"}
    methods: [GET, POST]
    fields: {X-Canary: "1", X-Trace: {present: false}}
    query: {v: {regex: "^2"}}
    cookies: {beta: {equals: "on"}}
    split: [{upstream: a, weight: 90}, {upstream: b, weight: 10}]
    split_by: {cookie: sid}
  - {path: {exact: /x}, upstream: b}
  - {path: {prefix: /y}, upstream: b}
  - {path: /y, methods: [PUT], upstream: a}
)");
  INFO(faults(loaded));
  REQUIRE(loaded.snapshot);
  const auto& routes = loaded.snapshot->routes;
  const auto& api = routes[0];
  CHECK(api.name == "api");
  CHECK(api.host == "*.example.kr");
  CHECK(api.path.kind == lb::routing::PathRule::Kind::Match);
  CHECK(api.conditions.count() == 5);
  CHECK(api.conditions.fields[0].name == "x-canary");
  CHECK(api.conditions.fields[1].kind == lb::routing::Condition::Kind::Absent);
  CHECK(api.shares.size() == 2);
  CHECK(api.shares[1].upstream == 1);
  CHECK(api.share_key.name == "sid");
  CHECK(routes[1].path.kind == lb::routing::PathRule::Kind::Exact);
  CHECK(routes[1].upstream == 1);
  CHECK(routes[2].name == "/y");
  CHECK(routes[3].name == "/y#2");
  CHECK(loaded.snapshot->chains.size() == 4);
  CHECK_FALSE(loaded.snapshot->chains[0]);
}

TEST_CASE("What is wrong with a route is told with its line", "[lb][config]") {
  const std::array<std::pair<const char*, const char*>, 15> rows{{
      {"{upstream: a, path: {regex: \"(\"}}", "t.yaml:4: routes[0].path.regex: it cannot be"},
      {"{upstream: a, path: {regex: \"^/\", exact: /x}}", "one rule for the path"},
      {"{upstream: a, path: api}", "is no path"},
      {"{upstream: a, path: /a/../b}", "is no path"},
      {"{upstream: a, path: {prefx: /a}}", "did you mean"},
      {"{upstream: a, host: \"www.*.kr\"}", "is no host name"},
      {"{upstream: a, host: \"a.kr:80\"}", "is no host name"},
      {"{upstream: a, methods: [\"G T\"]}", "is no method"},
      {"{upstream: a, fields: {X: {regex: \"[\"}}}", "routes[0].fields.X.regex: it cannot be"},
      {"{upstream: a, fields: {X: {}}}", "one rule for the value"},
      {"{split: [{upstream: a, weight: 0}]}", "nobody gets any request"},
      {"{split: [{upstream: c}]}", "there is no upstream \"c\""},
      {"{split: [{upstream: a}], split_by: {}}", "is not clear"},
      {"{split: [{upstream: a}], upstream: a}", "has an upstream already"},
      {"{path: /}", "routes[0].upstream: this is missing"},
  }};
  for (const auto& [text, fault] : rows) {
    INFO(text);
    const auto loaded = load_routes(std::string{"  - "} + text + "\n");
    CHECK_FALSE(loaded.snapshot);
    CHECK_THAT(faults(loaded), Contains(fault));
  }
  CHECK_THAT(
      faults(load_routes("  - {upstream: a, name: x}\n  - {path: /b, upstream: a, name: x}\n")),
      Contains("\"x\" is taken"));
  CHECK_THAT(faults(load_routes("  - {upstream: a, methods: [GET]}\n"
                                "  - {upstream: b, methods: [GET]}\n")),
             Contains("have a route already"));
}

TEST_CASE("Every filter is read", "[lb][config]") {
  const TemporaryFile users{"kim:$2b$04$q/w35Py9V8DobO7coQASpezbPv3guheJFwR/dDsSK6uVWi5HiOjqa\n"};
  const TemporaryFile page{"<p>${status} ${request_id}"};
  const auto loaded =
      load_text(kBefore + "error_pages: [{status: 5xx, html_file: " + page.name() + R"(}]
filters: [{response_fields: {set: {X-Frame-Options: DENY}}}]
routes:
  - upstream: a
    error_pages: [{status: 404, html_file: )" +
                    page.name() + R"(}]
    filters:
      - addresses: {allow: [10.0.0.0/8], deny: ["2001:db8::/32"]}
      - maintenance: {file: /run/off, allow: [10.0.0.1], retry_after: 1m, page_file: )" +
                    page.name() + R"(}
      - cors: {origins: ["https://a.kr"], methods: [GET], fields: [X-A], exposed: [X-B], credentials: true, max_age: 1h}
      - rate_limit: {name: r, requests: 10, per: 1s, burst: 20, key: {field: X-Key}, clients: 1000, tell: false}
      - concurrency_limit: {requests: 5, key: {cookie: sid}, status: 503}
      - basic_auth: {users_file: )" +
                    users.name() + R"(, realm: desk, user_field: X-User, forward: false}
      - forward_auth: {upstream: b, path: "/v?x", host: auth.kr, request_fields: [Cookie], response_fields: [X-User], timeout: 1s}
      - rewrite: {prefix: /api, to: /}
      - rewrite: {regex: '^/(a)$', to: "/\\1", host: "inner.kr:8080"}
      - request_fields: {set: {X-C: "${client}"}, add: {X-D: e}, remove: [X-F]}
      - compression: {codings: [br, gzip], types: [text/html], min_size: 1KiB, level: 9, credentials: true, streams: 1}
      - redirect: {scheme: https, host: www.a.kr, port: 8443, status: 308, query: drop}
      - answer: {status: 200, content_type: text/html, body: ok, fields: {X-A: b}}
  - {path: /b, filters: [{answer: {status: 204}}]}
)",
                "t.yaml");
  INFO(faults(loaded));
  REQUIRE(loaded.snapshot);
  const auto& chains = loaded.snapshot->chains;
  CHECK(chains[0]->filters.size() == 14);
  CHECK(chains[1]->filters.size() == 2);
  CHECK(chains[0]->filters[0] == chains[1]->filters[0]);  // of the site
  CHECK(loaded.snapshot->error_pages);
  CHECK(chains[0]->error_pages);
  CHECK_FALSE(chains[1]->error_pages);
  CHECK(loaded.snapshot->routes[1].upstream == lb::routing::Route::kNoUpstream);
}

TEST_CASE("What is wrong with a filter is told with what would be right", "[lb][config]") {
  const std::array<std::pair<const char*, const char*>, 30> rows{{
      {"{}", "this is no filter"},
      {"{adresses: {}}", "did you mean"},
      {"{cors: {origins: [\"*\"]}, compression: {}}", "these are several filters"},
      {"addresses: {}", "it allows and denies nothing"},
      {"addresses: {deny: [10.0.0.0/33]}", "is no network"},
      {"maintenance: {}", "nothing switches it on"},
      {"maintenance: {enabled: true, page_file: /nowhere}", "cannot be read"},
      {"redirect: {}", "it leads nowhere"},
      {"redirect: {scheme: https, status: 304}", "is no redirection"},
      {"redirect: {scheme: ftp}", "is not known"},
      {"redirect: {path: \"/a\\nb\"}", "is no path"},
      {"redirect: {host: \"a.kr/b\"}", "is no host name"},
      {"rewrite: {regex: \"(\", to: /}", "it cannot be compiled"},
      {"rewrite: {regex: a, to: \"/\\\\1\"}", "filters[0].rewrite.to"},
      {"rewrite: {prefix: /a}", "stand together"},
      {"rewrite: {prefix: /a, path: /b, to: /c}", "several rules"},
      {"answer: {status: 204, body: x}", "an answer of this status has none"},
      {"answer: {fields: {Content-Length: \"1\"}}", "it frames the message"},
      {"request_fields: {set: {X-Forwarded-For: x}}", "endpoints trust what lbd writes"},
      {"request_fields: {set: {X-A: \"${nobody}\"}}", "there is no ${nobody}"},
      {"request_fields: {set: {X-A: \"a\\r\\nb: c\"}}", "this is no field value"},
      {"request_fields: {remove: [Connection]}", "concerns one connection"},
      {"response_fields: {set: {X-A: \"${client}\"}}", "knows nothing of its request"},
      {"rate_limit: {per: 1s}", "rate_limit.requests: this is missing"},
      {"rate_limit: {requests: 1, per: 24h, burst: 1000}", "longer than 30 days"},
      {"rate_limit: {requests: 1, key: {}}", "is not clear"},
      {"basic_auth: {users_file: /nowhere}", "cannot be read"},
      {"cors: {origins: [\"*\"], credentials: true}", "every page could then act"},
      {"cors: {origins: [\"a.kr\"]}", "is no origin"},
      {"compression: {codings: [deflate]}", "is not known"},
  }};
  for (const auto& [text, fault] : rows) {
    INFO(text);
    const auto loaded = load_filter(text);
    CHECK_FALSE(loaded.snapshot);
    CHECK_THAT(faults(loaded), Contains(fault));
  }
}

TEST_CASE("Faults in a file of users and in error pages name the place", "[lb][config]") {
  const TemporaryFile users{"# people\nkim:plain\n"};
  CHECK_THAT(faults(load_filter("basic_auth: {users_file: " + users.name() + "}")),
             Contains("line 2: this kind of hash is not taken"));
  const TemporaryFile page{"${who}"};
  const auto site = [&](const std::string& pages) {
    return faults(
        load_text(kBefore + "error_pages: " + pages + "\nroutes: [{upstream: a}]\n", "t"));
  };
  CHECK_THAT(site("[{status: 500, html_file: " + page.name() + "}]"),
             Contains("there is no ${who}"));
  CHECK_THAT(site("[{status: 200, html_file: " + page.name() + "}]"), Contains("4xx or 5xx"));
  CHECK_THAT(site("[{status: 500}]"), Contains("there is no page"));
}
