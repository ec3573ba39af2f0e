#include "tests/unit/lb/import/support.hpp"

namespace lb::import {
namespace {

/// Where the route with `path` stands; npos when there is none.
std::size_t place_of(const Imported& out, const std::string& path) {
  return out.yaml.find("  - path: " + path + '\n');
}

bool is_closed(const Imported& out, const std::string& path) {
  const auto at = place_of(out, path);
  return at != std::string::npos &&
         has(out.yaml.substr(at, out.yaml.find("  - path:", at + 1) - at), "answer: {status: 503}");
}

constexpr const char* kScripts = "location ~ \\.php$ { proxy_pass http://10.0.0.9:80; } ";

TEST_CASE("What nginx keeps from expressions stands before them", "[lb][import]") {
  const auto out = with_location(std::string{kScripts} +
                                 "location ^~ /private/ { deny all; } "
                                 "location ^~ /private/more. { return 403; }");
  const auto scripts = place_of(out, R"({regex: "\\.php$"})");
  const auto guarded = place_of(out, R"({regex: "^/private/"})");
  const auto longer = place_of(out, R"({regex: "^/private/more\\."})");
  REQUIRE(scripts != std::string::npos);
  CHECK(guarded < scripts);
  CHECK(longer < guarded);
  CHECK(has(out.yaml, "path: \"/\""));
}

TEST_CASE("Without expressions a prefix that ends the search is a prefix", "[lb][import]") {
  CHECK(has(with_location("location ^~ /x/ { deny all; }").yaml, "path: \"/x/\""));
}

TEST_CASE("A prefix that lbd would come to past its expressions is closed", "[lb][import]") {
  const auto out = with_location(std::string{kScripts} +
                                 "location ^~ /a/ { proxy_pass http://10.0.0.2:80; } "
                                 "location /a/b/ { proxy_pass http://10.0.0.3:80; }");
  CHECK(is_closed(out, R"({regex: "^/a/b/"})"));
  CHECK(has(out.report, "location /a/b/: left out: NOT imported, 503 for everybody"));
  CHECK_FALSE(is_closed(out, R"({regex: "^/a/"})"));
}

TEST_CASE("Nested expressions are for their prefix alone, and come first", "[lb][import]") {
  const auto out = with_location(std::string{kScripts} +
                                 "location /a/ { proxy_pass http://10.0.0.2:80; "
                                 "location ~* \\.(php|inc)$ { deny all; } }");
  const auto nested = place_of(out, R"x({regex: "^/a/.*(?i:\\.(php|inc)$)"})x");
  REQUIRE(nested != std::string::npos);
  CHECK(nested < place_of(out, R"({regex: "\\.php$"})"));
  CHECK_FALSE(is_closed(out, "\"/a/\""));
}

TEST_CASE("Where an expression that guards is lost nobody comes in", "[lb][import]") {
  const auto lost = with_location(
      "location /a/ { proxy_pass http://10.0.0.2:80; location ~ a/.*x { deny all; } }");
  CHECK(is_closed(lost, "\"/a/\""));
  CHECK(has(lost.report, "location ~ a/.*x would guard it: lbd asks expressions"));
  CHECK_FALSE(is_closed(lost, "\"/\""));

  const auto unknown = with_location("location ~ ^/(?!open) { deny all; }");
  CHECK(is_closed(unknown, "\"/\""));
  CHECK(has(unknown.report, "RE2 has no such expression"));
  CHECK_FALSE(
      is_closed(with_location("location ~ (?!x)y { proxy_pass http://10.0.0.2:80; }"), "\"/\""));

  const auto inner =
      with_location("location ~ ^/a { proxy_pass http://10.0.0.2:80; location ~ x { deny all; } }");
  CHECK(is_closed(inner, R"({regex: "^/a"})"));
}

TEST_CASE("A nested expression does not reach past a longer prefix", "[lb][import]") {
  const auto out = with_location(
      "location /a/ { proxy_pass http://10.0.0.2:80; "
      "location ~ \\.php$ { proxy_pass http://10.0.0.3:80; } } "
      "location /a/private/ { deny all; }");
  CHECK_FALSE(has(out.yaml, "regex"));
  CHECK(has(out.report, "location ~ \\.php$: left out: NOT imported"));
}

}  // namespace
}  // namespace lb::import
