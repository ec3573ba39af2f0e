#include "common/admin_guard.hpp"

#include "common/admin_routes.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace common {
namespace {

constexpr const char* kSecret = "correct-horse-battery-staple";

AdminGuard guarded() { return {*AdminToken::from_text(kSecret), {"lb1.example.kr"}, false}; }

AdminCredentials change() {
  return {.changes = true,
          .hosts = {"127.0.0.1:9101"},
          .authorizations = {std::string{"Bearer "} + kSecret}};
}

unsigned verdict(const AdminGuard& guard, const AdminCredentials& shown) {
  const auto answer = refuse(guard, shown);
  return answer ? answer->status : 200;
}

TEST_CASE("A change needs the one right token", "[common][admin]") {
  CHECK(verdict(guarded(), change()) == 200);
  auto shown = change();
  for (const char* wrong :
       {"Bearer correct-horse-battery-stapl", "Bearer ", "Bearer", "",
        "Basic correct-horse-battery-staple", "Bearer correct-horse-battery-staple ",
        "Bearer Correct-horse-battery-staple"}) {
    CAPTURE(wrong);
    shown.authorizations = {wrong};
    CHECK(verdict(guarded(), shown) == 401);
  }
  shown.authorizations = {};
  CHECK(verdict(guarded(), shown) == 401);
  shown.authorizations = {change().authorizations.front(), change().authorizations.front()};
  CHECK(verdict(guarded(), shown) == 401);
  CHECK(verdict({}, change()) == 403);  // nothing configured: nothing changes
  shown = change();
  shown.authorizations = {std::string{"bearer "} + kSecret};  // RFC 9110 §11.1: case does not count
  CHECK(verdict(guarded(), shown) == 200);
  shown = change();
  shown.through_socket = true;
  shown.hosts = {};
  CHECK(verdict(guarded(), shown) == 200);
  shown.authorizations = {};
  CHECK(verdict(guarded(), shown) == 401);
}

TEST_CASE("Through a socket root and our own user need no token where the daemon says so",
          "[common][admin]") {
  AdminGuard guard{.token = {}, .hosts = {}, .trusts_own_user = true};
  AdminCredentials shown{.changes = true, .through_socket = true, .uid = 0};
  CHECK(verdict(guard, shown) == 200);
  shown.uid = ::geteuid();
  CHECK(verdict(guard, shown) == 200);
  shown.uid = ::geteuid() + 1000;
  CHECK(verdict(guard, shown) == 403);
  guard.token = *AdminToken::from_text(kSecret);
  CHECK(verdict(guard, shown) == 401);
  shown.authorizations = change().authorizations;
  CHECK(verdict(guard, shown) == 200);
  shown.uid = 0;
  guard.trusts_own_user = false;
  shown.authorizations = {};
  CHECK(verdict(guard, shown) == 401);
  shown = {.changes = true, .hosts = {"127.0.0.1:9101"}};
  guard = {.token = {}, .hosts = {}, .trusts_own_user = true};
  CHECK(verdict(guard, shown) == 403);  // TCP shows no user
}

TEST_CASE("A browser that was led here under another name is sent away", "[common][admin]") {
  struct Case {
    std::vector<std::string> hosts;
    unsigned status;
  };
  for (const auto& c : std::vector<Case>{{{"127.0.0.1:9101"}, 200},
                                         {{"[::1]:9101"}, 200},
                                         {{"localhost:9101"}, 200},
                                         {{"LB1.example.kr"}, 200},
                                         {{"evil.example"}, 403},
                                         {{"127.0.0.1.evil.example:9101"}, 403},
                                         {{"lb1.example.kr.evil.example"}, 403},
                                         {{""}, 403},
                                         {{"["}, 403},
                                         {{}, 400},
                                         {{"127.0.0.1", "127.0.0.1"}, 400}}) {
    CAPTURE(c.hosts);
    for (const bool changes : {false, true}) {
      auto shown = change();
      shown.changes = changes;
      shown.hosts = c.hosts;
      CHECK(verdict(guarded(), shown) == c.status);
    }
  }
}

TEST_CASE("A page of another site changes nothing, though its user knows the token",
          "[common][admin]") {
  auto shown = change();
  for (const char* origin : {"http://evil.example", "null", "http://127.0.0.1:9102", "",
                             "http://127.0.0.1", "127.0.0.1:9101"}) {
    CAPTURE(origin);
    shown.origin = origin;
    CHECK(verdict(guarded(), shown) == 403);
  }
  shown.origin = "http://127.0.0.1:9101";
  CHECK(verdict(guarded(), shown) == 200);
  for (const char* site : {"cross-site", "same-site", "?"}) {
    shown.fetch_site = site;
    CHECK(verdict(guarded(), shown) == 403);
  }
  shown.fetch_site = "same-origin";
  CHECK(verdict(guarded(), shown) == 200);
}

TEST_CASE("Content is JSON, which no form can send", "[common][admin]") {
  auto shown = change();
  shown.has_content = true;
  CHECK(verdict(guarded(), shown) == 415);
  shown.content_type = "text/plain";
  CHECK(verdict(guarded(), shown) == 415);
  shown.content_type = "Application/JSON; charset=utf-8";
  CHECK(verdict(guarded(), shown) == 200);
}

TEST_CASE("A token is one long line that only owner and group may read", "[common][admin]") {
  std::string folder = "/tmp/admin-token-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const auto path = folder + "/token";
  struct Case {
    std::string content;
    ::mode_t mode;
    const char* wrong;  // empty: it is a token
  };
  for (const auto& c : std::vector<Case>{
           {"0123456789abcdef\n", 0640, ""},
           {"0123456789abcdef", 0400, ""},
           {"0123456789abcdef\r\n", 0600, ""},
           {"0123456789abcdef\n", 0644, "open to everybody"},
           {"0123456789abcdef\n", 0602, "open to everybody"},
           {"0123456789abcde\n", 0600, "holds no token"},
           {"", 0600, "holds no token"},
           {"0123456789 abcdef\n", 0600, "holds no token"},
           {"0123456789abcdef\nsecond line\n", 0600, "holds no token"},
           {std::string(AdminToken::kLongest + 1, 'a'), 0600, "holds no token"},
       }) {
    CAPTURE(c.content, c.mode);
    std::ofstream{path} << c.content;
    REQUIRE(::chmod(path.c_str(), c.mode) == 0);
    const auto token = AdminToken::from_file(path);
    CHECK(token.has_value() == std::string{c.wrong}.empty());
    if (token)
      CHECK(token->matches("0123456789abcdef"));
    else
      CHECK(token.error().wrong.find(c.wrong) != std::string::npos);
    ::unlink(path.c_str());
  }
  CHECK(AdminToken::from_file(path).error().wrong.find("No such file") != std::string::npos);
  CHECK(AdminToken::from_file(folder).error().wrong.find("not a file") != std::string::npos);
  ::rmdir(folder.c_str());
}

TEST_CASE("A pattern's braces take one segment, decoded", "[common][admin]") {
  AdminRoutes routes;
  const auto handler = [](const AdminRequest&) { return AdminAnswer{}; };
  for (const auto& [method, pattern] : std::vector<std::pair<const char*, const char*>>{
           {"GET", "/"}, {"GET", "/u/{}"}, {"PUT", "/u/{}/e/{}/weight"}, {"DELETE", "/u/{}"}})
    routes.add({.method = method, .segments = AdminRoutes::split(pattern), .handler = handler});
  struct Case {
    const char* method;
    const char* path;
    bool found;
    std::vector<std::string> parameters;
    const char* allow;
  };
  for (const auto& c : std::vector<Case>{
           {"GET", "/", true, {}, ""},
           {"HEAD", "/u/a", true, {"a"}, ""},
           {"PUT", "/u/a%2Fb/e/10.0.0.1:80/weight", true, {"a/b", "10.0.0.1:80"}, ""},
           {"PUT", "/u/a/e/%5B::1%5D:80/weight", true, {"a", "[::1]:80"}, ""},
           {"POST", "/u/a", false, {}, "GET, HEAD, DELETE"},
           {"get", "/u/a", false, {}, "GET, HEAD, DELETE"},
           {"GET", "/u/", false, {}, ""},
           {"GET", "/u/a/", false, {}, ""},
           {"GET", "/u/a%0", false, {}, ""},
           {"GET", "/u/a%00", false, {}, ""},
           {"GET", "u/a", false, {}, ""},
           {"GET", "", false, {}, ""},
           {"GET", "*", false, {}, ""},
       }) {
    CAPTURE(c.method, c.path);
    const auto found = routes.find(c.method, c.path);
    CHECK((found.route != nullptr) == c.found);
    CHECK(found.parameters == c.parameters);
    CHECK(found.allow == c.allow);
  }
  CHECK(percent_encoded("[::1]:80/é") == "%5B%3A%3A1%5D%3A80%2F%C3%A9");
  CHECK(percent_decoded(percent_encoded("a b/ü%")).value() == "a b/ü%");
  CHECK(query_value("a=1&b=%20x&c", "b") == " x");
  CHECK(query_value("a=1&b=%20x&c", "c").empty());
}

}  // namespace
}  // namespace common
