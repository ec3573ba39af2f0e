#include "lb/http/target.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace lb::http;

TEST_CASE("Security 13: a path that two servers could read differently is refused",
          "[lb][http][rfc9110-7.1]") {
  for (const std::string& path : std::vector<std::string>{
           "/..",         "/.",    "/a/../b",   "/a/..",  "/a/./b",    "/%2e%2e/b",
           "/%2E./b",     "/.%2e", "/a/..;x/b", "/..;/b", "/a%2f../b", "/a%2f..%2fb",
           "/a%5c..%5cb", "/%00",  "/a%",       "/a%2",   "/a%zz",     "/a\\b",
           "/a#b",        "/a b",  "",          "a",      "//host\\@x"}) {
    CAPTURE(path);
    CHECK_FALSE(parse_target(path, false));
  }
}

TEST_CASE("A plain path is routed on as it is forwarded", "[lb][http]") {
  for (const std::string& path :
       std::vector<std::string>{"/", "/a", "/a/", "//a", "/a//b", "/a;b=c", "/...", "/a..b",
                                "/.well-known/x", "/a%20b", "/a%2fb", "/~user", "/{x}|y"}) {
    CAPTURE(path);
    const auto whole = path + "?q=../..";
    const auto target = parse_target(whole, false);
    REQUIRE(target);
    CHECK(target->path == path);
    CHECK(target->query == "?q=../..");
  }
}

TEST_CASE("An absolute-form without a path has the one it means", "[lb][http][rfc9112-3.2]") {
  struct Row {
    std::string_view text;
    bool options;
    std::string_view path;
    std::string_view query;
  };
  for (const auto& row :
       {Row{"http://a", false, "/", ""}, Row{"http://a:81?", false, "/", "?"},
        Row{"http://a?b/..", false, "/", "?b/.."}, Row{"http://a/?b", true, "/", "?b"},
        Row{"http://a", true, "*", ""}, Row{"http://a?b", true, "/", "?b"}}) {
    CAPTURE(row.text, row.options);
    const auto target = parse_target(row.text, row.options);
    REQUIRE(target);
    CHECK(target->path == row.path);
    CHECK(target->query == row.query);
  }
}

TEST_CASE("The host of an authority has no port", "[lb][http]") {
  CHECK(host_of("a:80") == "a");
  CHECK(host_of("[::1]:80") == "[::1]");
  CHECK(host_of("a") == "a");
}
