#include "lb/filters/address_rules.hpp"
#include "lb/filters/concurrency_limit.hpp"
#include "lb/filters/cors.hpp"
#include "lb/filters/fixed_answer.hpp"
#include "lb/filters/forward_auth.hpp"
#include "lb/filters/rate_limit.hpp"
#include "tests/unit/lb/filters/support.hpp"

#include <array>

using namespace lb::filters;
using namespace std::chrono_literals;

namespace {

std::vector<common::PrefixedAddress> networks(std::initializer_list<const char*> texts) {
  std::vector<common::PrefixedAddress> out;
  for (const auto* text : texts) {
    const auto parsed = common::PrefixedAddress::parse(text);
    REQUIRE(parsed);
    out.push_back(*parsed);
  }
  return out;
}

}  // namespace

TEST_CASE("The longest prefix decides, deny among equals, and nothing listed is allowed",
          "[lb][filters]") {
  struct Row {
    std::vector<common::PrefixedAddress> allow, deny;
    const char* address;
    bool allowed;
  };
  const auto ten = networks({"10.0.0.0/8"});
  const auto inner = networks({"10.1.0.0/16"});
  const std::array rows{
      Row{{}, {}, "192.0.2.1", true},
      Row{ten, {}, "10.2.3.4", true},
      Row{ten, {}, "11.0.0.0", false},
      Row{ten, {}, "9.255.255.255", false},
      Row{ten, inner, "10.1.0.0", false},
      Row{ten, inner, "10.1.255.255", false},
      Row{ten, inner, "10.2.0.0", true},
      Row{inner, ten, "10.1.2.3", true},
      Row{inner, ten, "10.2.3.4", false},
      Row{{}, ten, "10.2.3.4", false},
      Row{{}, ten, "192.0.2.1", true},
      Row{{}, ten, "2001:db8::1", true},
      Row{ten, ten, "10.2.3.4", false},
      Row{ten, {}, "2001:db8::1", false},
      Row{ten, {}, "::ffff:10.2.3.4", true},  // as a listener on [::] sees it
      Row{networks({"2001:db8::/32"}), {}, "2001:db8:ffff::1", true},
      Row{networks({"2001:db8::/32"}), {}, "2001:db9::", false},
      Row{networks({"0.0.0.0/0"}), {}, "255.255.255.255", true},
      Row{{}, networks({"255.255.255.255"}), "255.255.255.255", false},
      Row{{}, networks({"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}), "::", true},
  };
  for (const auto& row : rows) {
    INFO(row.address);
    CHECK(AddressRules{row.allow, row.deny}.allows(*common::IpAddress::parse(row.address)) ==
          row.allowed);
  }
}

TEST_CASE("Maintenance answers all but those who work on it", "[lb][filters]") {
  MaintenanceOptions options;
  options.enabled = true;
  options.allow = networks({"10.0.0.0/8"});
  options.page = "<p>soon";
  Walk walk;
  walk.with<Maintenance>(options);
  CHECK(walk.answer().status == 503);
  CHECK(lines(walk.answer().fields, "Retry-After") == "300");
  CHECK(walk.answer().content == "<p>soon");
  CHECK(walk.from("10.1.1.1").passes());
}

TEST_CASE("A rate limit lets a burst through, then one each interval", "[lb][filters]") {
  RateTable table{1000};
  const Rate rate{100ms, 3};
  const auto start = common::TimePoint{1h};
  for (const auto left : {2U, 1U, 0U}) {
    const auto verdict = table.take(7, rate, start);
    CHECK(verdict.allowed);
    CHECK(verdict.remaining == left);
  }
  auto verdict = table.take(7, rate, start);
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.until_next == 100ms);
  CHECK_FALSE(table.take(7, rate, start + 99ms).allowed);
  CHECK(table.take(7, rate, start + 100ms).allowed);
  CHECK_FALSE(table.take(7, rate, start + 100ms).allowed);
  CHECK(table.take(8, rate, start).remaining == 2);  // another client
  verdict = table.take(7, rate, start + 10s);
  CHECK(verdict.allowed);
  CHECK(verdict.remaining == 2);
  CHECK(verdict.until_whole == 100ms);
}

TEST_CASE("A lower rate after a reload keeps nobody out longer than a burst", "[lb][filters]") {
  RateTable table{1000};
  const auto now = common::TimePoint{1h};
  for (int i = 0; i < 10; ++i) table.take(7, {10s, 10}, now);
  const auto verdict = table.take(7, {1ms, 2}, now);
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.until_next <= 2ms);
}

TEST_CASE("A full rate table forgets whoever has the most left, and does not grow",
          "[lb][filters]") {
  RateTable table{1};
  const auto capacity = table.capacity();
  const auto now = common::TimePoint{1h};
  const Rate rate{1s, 2};
  CHECK(table.take(64, rate, now).allowed);
  CHECK(table.take(64, rate, now).allowed);
  CHECK_FALSE(table.take(64, rate, now).allowed);
  for (std::uint64_t client = 2; client < 100; ++client) table.take(client * 64, rate, now);
  CHECK_FALSE(table.take(64, rate, now).allowed);  // of one shard and set with all of those
  CHECK(table.capacity() == capacity);
}

TEST_CASE("Who is over the rate is told when to come back", "[lb][filters][ratelimit-headers]") {
  RateLimitOptions options;
  options.name = "api";
  options.requests = 2;
  options.per = 60s;
  Walk walk;
  walk.with<RateLimit>(options, "test: told");
  CHECK(walk.passes());
  auto fields = walk.answered().fields;
  CHECK(lines(fields, "RateLimit-Policy") == "\"api\";q=2;w=60");
  CHECK(lines(fields, "RateLimit") == "\"api\";r=1;t=30");
  CHECK(walk.passes());
  CHECK(lines(walk.answered().fields, "RateLimit") == "\"api\";r=0;t=30");
  CHECK(walk.answer().status == 429);
  CHECK(lines(walk.answer().fields, "Retry-After") == "30");
  CHECK(lines(walk.answered().fields, "RateLimit") == "\"api\";r=0;t=30");
  CHECK(walk.from("192.0.2.2").passes());
  walk.from("192.0.2.1").now += 30s;
  CHECK(walk.passes());
}

TEST_CASE("The table of a rate limit outlives its filter's configuration", "[lb][filters]") {
  RateLimitOptions options;
  options.requests = 1;
  Walk old;
  old.with<RateLimit>(options, "test: reload");
  CHECK(old.passes());
  Walk reloaded;
  reloaded.with<RateLimit>(options, "test: reload");
  old.chain->filters.clear();
  CHECK_FALSE(reloaded.passes());
  Walk other;
  other.with<RateLimit>(options, "test: another");
  CHECK(other.passes());
}

TEST_CASE("One client is an address, an IPv6 /64, a field or a cookie", "[lb][filters]") {
  const auto hash = [](ClientKey key, std::string_view address, lb::http::Fields fields = {}) {
    Walk walk{"/", std::move(fields)};
    walk.from(address);
    return hash_of(key, walk.request());
  };
  const ClientKey address;
  CHECK(hash(address, "192.0.2.1") == hash(address, "::ffff:192.0.2.1"));
  CHECK(hash(address, "192.0.2.1") != hash(address, "192.0.2.2"));
  CHECK(hash(address, "2001:db8:0:1::1") == hash(address, "2001:db8:0:1:ffff::2"));
  CHECK(hash(address, "2001:db8:0:1::1") != hash(address, "2001:db8:0:2::1"));
  const ClientKey field{ClientKey::Kind::Field, "x-key"};
  CHECK(hash(field, "192.0.2.1", {{"X-Key", "a"}}) == hash(field, "192.0.2.2", {{"x-key", "a"}}));
  CHECK(hash(field, "192.0.2.1", {{"X-Key", "a"}}) != hash(field, "192.0.2.1", {{"X-Key", "b"}}));
  CHECK(hash(field, "192.0.2.1") == hash(address, "192.0.2.1"));
  const ClientKey cookie{ClientKey::Kind::Cookie, "sid"};
  CHECK(hash(cookie, "192.0.2.1", {{"Cookie", "sid=a"}}) !=
        hash(field, "192.0.2.1", {{"X-Key", "a"}}));
}

TEST_CASE("A concurrency limit counts until the exchange ends", "[lb][filters]") {
  ConcurrencyOptions options;
  options.requests = 2;
  options.status = 503;
  Walk first;
  first.with<ConcurrencyLimit>(options, "test: concurrency");
  Walk second;
  second.chain = first.chain;
  Walk third;
  third.chain = first.chain;
  CHECK(first.passes());
  CHECK(second.passes());
  CHECK(third.answer().status == 503);
  CHECK(third.answer().reason == Reason::ConcurrencyLimited);
  CHECK(third.from("192.0.2.9").passes());
  first.passage.reset();
  CHECK(third.from("192.0.2.1").passes());
}

TEST_CASE("Preflights are answered for listed origins, methods and fields only",
          "[lb][filters][cors]") {
  CorsOptions options;
  options.origins = {"https://a.kr", "https://b.kr"};
  options.methods = {"GET", "PUT"};
  options.fields = {"X-Token"};
  options.credentials = true;
  options.exposed = {"X-Total"};
  struct Row {
    const char *origin, *method, *fields;
    bool allowed;
  };
  const std::array rows{
      Row{"https://b.kr", "PUT", "x-token", true},
      Row{"https://b.kr", "PUT", "", true},
      Row{"https://c.kr", "PUT", "x-token", false},
      Row{"https://b.kr.evil", "PUT", "", false},
      Row{"null", "PUT", "", false},
      Row{"https://b.kr", "DELETE", "", false},
      Row{"https://b.kr", "PUT", "x-token, x", false},
  };
  for (const auto& row : rows) {
    INFO(row.origin << ' ' << row.method << ' ' << row.fields);
    lb::http::Fields fields{{"Origin", row.origin}, {"Access-Control-Request-Method", row.method}};
    if (*row.fields != 0) fields.push_back({"Access-Control-Request-Headers", row.fields});
    Walk walk{"/", fields, "OPTIONS"};
    walk.with<Cors>(options);
    const auto& answer = walk.answer();
    CHECK(answer.status == (row.allowed ? 204U : 403U));
    const auto out = walk.answered(answer.fields, answer.status).fields;
    CHECK(lines(out, "Access-Control-Allow-Origin") == (row.allowed ? row.origin : ""));
    CHECK(lines(out, "Access-Control-Allow-Methods") == (row.allowed ? "GET, PUT" : ""));
    CHECK(lines(out, "Vary").find("Origin") != std::string::npos);
  }
}

TEST_CASE("Answers say by themselves who may read them, whatever the endpoint says",
          "[lb][filters][cors]") {
  CorsOptions options;
  options.origins = {"https://a.kr"};
  const auto allowed = [&](lb::http::Fields fields) {
    Walk walk{"/", std::move(fields)};
    walk.with<Cors>(options);
    CHECK(walk.passes());
    const auto out =
        walk.answered({{"access-control-allow-origin", "*"}, {"Content-Type", "a/b"}}).fields;
    CHECK(lines(out, "access-control-allow-origin").empty());
    CHECK(lines(out, "Content-Type") == "a/b");
    return lines(out, "Access-Control-Allow-Origin");
  };
  CHECK(allowed({{"Origin", "https://a.kr"}}) == "https://a.kr");
  CHECK(allowed({{"Origin", "https://b.kr"}}).empty());
  CHECK(allowed({}).empty());
  options.origins = {"*"};
  CHECK(allowed({{"Origin", "https://b.kr"}}) == "*");
}

TEST_CASE("Who is asked for permission is told of the request, and what it says is passed on",
          "[lb][filters]") {
  ForwardAuthOptions options;
  options.path = "/verify";
  options.response_fields = {"X-User"};
  Walk walk{"/a?b",
            {{"Cookie", "s=1"},
             {"X-User", "root"},
             {"X-Forwarded-For", "1.1.1.1"},
             {"Content-Type", "a/b"},
             {"If-None-Match", "x"}},
            "POST"};
  walk.with<ForwardAuth>(options);
  REQUIRE(walk.go() == Next::Ask);
  const auto& head = walk.passage->subrequest().head;
  const auto has = [&head](std::string_view line) { return head.find(line) != std::string::npos; };
  CHECK(head.starts_with("GET /verify HTTP/1.1\r\nHost: www.a.kr:8080\r\n"));
  CHECK(has("\r\nCookie: s=1\r\n"));
  CHECK(has("\r\nX-Forwarded-Method: POST\r\n"));
  CHECK(has("\r\nX-Forwarded-Uri: /a?b\r\n"));
  CHECK(has("\r\nX-Forwarded-For: 192.0.2.1\r\n"));
  CHECK_FALSE(has("1.1.1.1"));
  CHECK_FALSE(has("Content-Type"));
  CHECK_FALSE(has("If-None-Match"));
  CHECK(head.ends_with("\r\n\r\n"));

  const auto said = [&](unsigned status, lb::http::Fields fields, std::string_view content) {
    REQUIRE(walk.go() == Next::Ask);
    Subanswer answer{{status, std::move(fields)}, content};
    return walk.passage->on_subanswer(&answer, walk.request());
  };
  CHECK(said(204, {{"x-user", "kim"}}, "") == Next::Pass);
  auto changed = walk.head;
  walk.passage->edit(changed);
  CHECK(lines(changed.fields, "x-user") == "kim");
  CHECK(lines(changed.fields, "X-User").empty());
  CHECK(said(200, {}, "") == Next::Pass);  // says nobody: nor may the client
  changed = walk.head;
  walk.passage->edit(changed);
  CHECK(lines(changed.fields, "X-User").empty());

  CHECK(said(401, {{"WWW-Authenticate", "x"}}, "no") == Next::Answer);
  CHECK(walk.passage->answer().status == 401);
  CHECK(lines(walk.passage->answer().fields, "WWW-Authenticate") == "x");
  CHECK(walk.passage->answer().content == "no");
  CHECK(said(500, {}, "") == Next::Answer);
  CHECK(walk.passage->answer().reason == Reason::AuthUnavailable);
  REQUIRE(walk.go() == Next::Ask);
  CHECK(walk.passage->on_subanswer(nullptr, walk.request()) == Next::Answer);
  CHECK(walk.passage->answer().status == 503);
}

TEST_CASE("Filters run in their order until one answers, and go on after a wait", "[lb][filters]") {
  AnswerOptions tea;
  tea.status = 418;
  Walk walk;
  walk.with<ForwardAuth>(ForwardAuthOptions{})
      .with<FixedAnswer>(tea)
      .with<AddressFilter>(AddressOptions{{}, networks({"0.0.0.0/0"})});
  REQUIRE(walk.go() == Next::Ask);
  const Subanswer yes{{200, {}}, ""};
  CHECK(walk.passage->on_subanswer(&yes, walk.request()) == Next::Answer);
  CHECK(walk.passage->answer().status == 418);
}
