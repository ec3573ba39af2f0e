#include "lb/filters/rewrite.hpp"

#include "lb/filters/field_edits.hpp"
#include "tests/unit/lb/filters/support.hpp"

#include <array>

using namespace lb::filters;

namespace {

PathChange match(std::string_view expression, std::string to) {
  auto pattern = lb::routing::Pattern::compile(expression);
  REQUIRE(pattern.has_value());
  return PathChange{PathChange::Match{std::move(*pattern), std::move(to)}};
}

PathChange prefix(std::string from, std::string to) {
  return PathChange{PathChange::Prefix{std::move(from), std::move(to)}};
}

std::string text(const TextTemplate& parsed, Walk& walk) {
  walk.go();
  return std::string{parsed.render(walk.request(), *walk.passage)};
}

}  // namespace

TEST_CASE("A rewritten path keeps the query, whole segments, and one slash", "[lb][filters]") {
  struct Row {
    const char* target;
    PathChange how;
    const char* becomes;
  };
  const std::array rows{
      Row{"/api/x?q=1", prefix("/api", "/v1"), "/v1/x?q=1"},
      Row{"/api", prefix("/api", "/v1"), "/v1"},
      Row{"/apix", prefix("/api", "/v1"), "/apix"},
      Row{"/api/x", prefix("/api", "/"), "/x"},
      Row{"/api", prefix("/api", "/"), "/"},
      Row{"/api/x", prefix("/api/", "/"), "/x"},
      Row{"/api/x", prefix("/api/", "/v1"), "/v1/x"},
      Row{"/x", prefix("/", "/v1"), "/v1/x"},
      Row{"/a/b%2Fc?x", match("^/a/(.*)$", "/b/\\1"), "/b/b%2Fc?x"},
      Row{"/a", PathChange{PathChange::Whole{"/z"}}, "/z"},
  };
  for (const auto& row : rows) {
    INFO(row.target << " -> " << row.becomes);
    Walk walk{row.target};
    walk.with<Rewrite>(RewriteOptions{.path = row.how, .host = {}});
    const auto target = walk.forwarded().target;
    CHECK(std::string{target.path}.append(target.query) == row.becomes);
  }
}

TEST_CASE("What a capture makes of a path is judged as a client's own", "[lb][filters]") {
  const std::array<std::pair<const char*, PathChange>, 5> rows{{
      {"/a/b", match("^/a/(.*)$", "\\1")},               // no slash at its begin
      {"/a/x%2", match("^/a/(.*)2$", "/\\1")},           // refused before it comes here; see below
      {"/a/.x./b", match("x", "")},                      // becomes ..
      {"/a/%25/30", match("/a/(%25)/(.*)", "/%\\2%x")},  // broken escapes
      {"/a/b", match("b", "b c")},                       // a blank
  }};
  for (const auto& [target, how] : rows) {
    if (!lb::http::parse_target(target, false)) continue;
    INFO(target);
    Walk walk{target};
    walk.with<Rewrite>(RewriteOptions{.path = how, .host = {}});
    CHECK(walk.answer().reason == Reason::BadRewrite);
  }
}

TEST_CASE("Redirects are absolute, keep the query and never leave the host by a path",
          "[lb][filters]") {
  struct Row {
    const char* target;
    RedirectOptions options;
    const char* location;  // empty: passes
  };
  RedirectOptions https;
  https.scheme = "https";
  RedirectOptions host;
  host.host = "a.kr";
  RedirectOptions port;
  port.scheme = "https";
  port.port = 8443;
  RedirectOptions here;
  here.host = "www.a.kr";
  RedirectOptions old;
  old.path = prefix("/old", "/new");
  RedirectOptions group;
  group.path = match("^/go/(.*)$", "/\\1");
  RedirectOptions drop = old;
  drop.keep_query = false;
  const std::array rows{
      Row{"/x?y", https, "https://www.a.kr/x?y"},
      Row{"/x", host, "http://a.kr/x"},
      Row{"/x", port, "https://www.a.kr:8443/x"},
      Row{"/x", here, ""},
      Row{"/old/x?y", old, "http://www.a.kr:8080/new/x?y"},
      Row{"/old/x?y", drop, "http://www.a.kr:8080/new/x"},
      Row{"/other", old, ""},
      Row{"/go//evil.kr", group, "http://www.a.kr:8080//evil.kr"},
      Row{"//evil.kr", https, "https://www.a.kr//evil.kr"},
      Row{"/%0d%0aSet-Cookie:x", https, "https://www.a.kr/%0d%0aSet-Cookie:x"},
  };
  for (const auto& row : rows) {
    INFO(row.target << " -> " << row.location);
    Walk walk{row.target};
    walk.with<Redirect>(row.options);
    if (std::string_view{row.location}.empty()) {
      CHECK(walk.passes());
      continue;
    }
    CHECK(lines(walk.answer().fields, "Location") == row.location);
  }
}

TEST_CASE("Without a Host a redirect stays relative, and refuses what looks like a host",
          "[lb][filters]") {
  RedirectOptions https;
  https.scheme = "https";
  Walk walk{"/x"};
  walk.head.authority = "";
  walk.with<Redirect>(https);
  CHECK(lines(walk.answer().fields, "Location") == "/x");
  Walk evil{"//evil.kr"};
  evil.head.authority = "";
  evil.with<Redirect>(https);
  CHECK(evil.answer().reason == Reason::BadRewrite);
}

TEST_CASE("Fields are set, added and removed in every spelling", "[lb][filters]") {
  const auto value = [](std::string_view parsed) { return *TextTemplate::parse(parsed); };
  FieldEditOptions edits;
  edits.set.push_back({"X-User", value("${client} of ${host}")});
  edits.add.push_back({"Accept", value("text/plain")});
  edits.remove = {"X-Bad"};
  Walk walk{"/", {{"X-User", "me"}, {"x_user", "me"}, {"x-bad", "1"}, {"Accept", "a/b"}}};
  walk.with<FieldEdits>(edits, FieldEditOptions{});
  const auto fields = walk.forwarded().fields;
  CHECK(lines(fields, "X-User") == "192.0.2.1 of www.a.kr:8080");
  CHECK(lines(fields, "x_user").empty());
  CHECK(lines(fields, "x-bad").empty());
  CHECK(lines(fields, "Accept") == "a/b | text/plain");

  FieldEditOptions answers;
  answers.set.push_back({"X-Frame-Options", value("DENY")});
  answers.remove = {"Server"};
  walk.with<FieldEdits>(FieldEditOptions{}, answers);
  walk.go();
  const auto out = walk.answered({{"server", "x"}, {"x-frame-options", "ALLOW"}, {"A", "b"}});
  CHECK(lines(out.fields, "server").empty());
  CHECK(lines(out.fields, "x-frame-options").empty());
  CHECK(lines(out.fields, "X-Frame-Options") == "DENY");
  CHECK(lines(out.fields, "A") == "b");
}

TEST_CASE("Framing, fields of one hop and trusted fields are not for configurations to touch",
          "[lb][filters]") {
  for (const auto* name :
       {"Content-Length", "transfer-encoding", "TE", "Connection", "Host", "X-Forwarded-For",
        "Forwarded", "X_Forwarded_For", "Via", "Upgrade", "X-Request-ID", "Expect", "Proxy"})
    CHECK(why_not_in_requests(name));
  for (const auto* name : {"Content-Length", "Transfer-Encoding", "Connection", "Date", "Trailer",
                           "Content-Encoding", "RateLimit"})
    CHECK(why_not_in_answers(name));
  CHECK_FALSE(why_not_in_requests("X-User"));
  CHECK_FALSE(why_not_in_requests("X-Real-IP"));
  CHECK_FALSE(why_not_in_answers("Set-Cookie"));
}

TEST_CASE("Templates", "[lb][filters]") {
  Walk walk{"/a?b=c"};
  CHECK(text(*TextTemplate::parse("plain {x} $y"), walk) == "plain {x} $y");
  CHECK(text(*TextTemplate::parse("${method} ${path}${query} ${scheme} ${request_id}"), walk) ==
        "GET /a?b=c http id-1");
  CHECK(text(*TextTemplate::parse("$${client}"), walk) == "${client}");
  CHECK_FALSE(TextTemplate::parse("${").has_value());
  CHECK_FALSE(TextTemplate::parse("${nobody}").has_value());
}
