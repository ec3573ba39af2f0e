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
    CHECK(target->path_and_query == whole);
  }
}

TEST_CASE("The host of an authority has no port", "[lb][http]") {
  CHECK(host_of("a:80") == "a");
  CHECK(host_of("[::1]:80") == "[::1]");
  CHECK(host_of("a") == "a");
}
