#include "lb/proxy/admission.hpp"
#include "lb/proxy/error_response.hpp"
#include "lb/proxy/forwarded_head.hpp"
#include "lb/proxy/least_rate.hpp"
#include "lb/proxy/request_id.hpp"
#include "lb/proxy/retry.hpp"
#include "lb/proxy/upgrade.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace {

using namespace lb;
using proxy::Trouble;
using telemetry::Retry;

http1::ParsedRequest request(const std::string& octets) {
  http1::ParsedRequest out;
  const auto size = http1::parse_request(octets, {}, out);
  REQUIRE(size.has_value());
  REQUIRE(*size == octets.size());
  return out;
}

http1::ParsedResponse answer(const std::string& octets, http::Method method = http::Method::Get) {
  http1::ParsedResponse out;
  const auto size = http1::parse_response(octets, {}, method, out);
  REQUIRE(size.has_value());
  REQUIRE(*size == octets.size());
  return out;
}

std::string forwarded(const std::string& octets) {
  const auto parsed = request(octets);
  std::array<char, 4096> memory;
  http1::Writer out{memory};
  const auto peer = *common::IpAddress::parse("192.0.2.1");
  const auto upgrade = proxy::forwardable_upgrade(parsed);
  proxy::write_request_head(
      out, parsed, proxy::find_origin(parsed.head, peer, {}),
      {.request_id = "id1", .peer = "192.0.2.1", .upstream = "app", .upgrade = upgrade});
  REQUIRE_FALSE(out.overflowed());
  return {memory.data(), out.size()};
}

std::string returned(const std::string& octets, bool persistent = true, int minor_version = 1,
                     http::Method method = http::Method::Get) {
  const auto parsed = answer(octets, method);
  std::array<char, 4096> memory;
  http1::Writer out{memory};
  proxy::write_response_head(out, parsed, proxy::frame_answer(parsed, persistent, minor_version),
                             http::date_text({}));
  REQUIRE_FALSE(out.overflowed());
  return {memory.data(), out.size()};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Security 32: only what may be done twice is sent twice", "[lb][proxy][rfc9110-9.2.2]") {
  struct Row {
    proxy::FailedAttempt failed;
    std::optional<Retry> expected;
  };
  const auto rows = std::vector<Row>{
      {{.trouble = Trouble::NotConnected}, Retry::NotConnected},
      {{.trouble = Trouble::ConnectTimeout}, Retry::NotConnected},
      {{.trouble = Trouble::ConnectionDied, .reached = false}, Retry::NotConnected},
      {{.trouble = Trouble::ConnectionDied, .reached = true}, std::nullopt},
      {{.trouble = Trouble::ConnectionDied, .reached = true, .may_repeat = true},
       Retry::ConnectionDied},
      {{.trouble = Trouble::ConnectionDied,
        .reached = true,
        .endpoint_lost = true,
        .may_repeat = true},
       Retry::EndpointLost},
      {{.trouble = Trouble::ConnectionDied, .reached = true, .endpoint_lost = true}, std::nullopt},
      {{.trouble = Trouble::NotConnected, .body_held = false}, std::nullopt},
      {{.trouble = Trouble::NotConnected, .attempts = 3}, std::nullopt},
      {{.trouble = Trouble::BadAnswer, .may_repeat = true}, std::nullopt},
      {{.trouble = Trouble::AnswerTimeout, .may_repeat = true}, std::nullopt},
      {{.trouble = Trouble::TotalTimeout, .may_repeat = true}, std::nullopt},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    CHECK(proxy::may_retry(rows[i].failed, 3) == rows[i].expected);
  }
}

TEST_CASE("A request may be repeated by its method or its key", "[lb][proxy][rfc9110-9.2.2]") {
  CHECK(proxy::may_repeat(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head));
  CHECK(proxy::may_repeat(request("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n").head));
  CHECK_FALSE(proxy::may_repeat(request("POST / HTTP/1.1\r\nHost: a\r\n\r\n").head));
  CHECK_FALSE(proxy::may_repeat(request("PATCH / HTTP/1.1\r\nHost: a\r\n\r\n").head));
  CHECK_FALSE(proxy::may_repeat(request("BREW / HTTP/1.1\r\nHost: a\r\n\r\n").head));
  CHECK(
      proxy::may_repeat(request("POST / HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k\r\n\r\n").head));
  CHECK_FALSE(
      proxy::may_repeat(request("POST / HTTP/1.1\r\nHost: a\r\nIdempotency-Key:\r\n\r\n").head));
}

TEST_CASE("Small bodies are held, others streamed, large ones refused", "[lb][proxy]") {
  using Kind = http1::BodyLength::Kind;
  proxy::Limits limits;
  limits.replay = {10};
  CHECK(proxy::plan_body({Kind::None}, limits) == proxy::BodyPlan::None);
  CHECK(proxy::plan_body({Kind::Counted, 0}, limits) == proxy::BodyPlan::None);
  CHECK(proxy::plan_body({Kind::Counted, 10}, limits) == proxy::BodyPlan::Held);
  CHECK(proxy::plan_body({Kind::Counted, 11}, limits) == proxy::BodyPlan::Streamed);
  CHECK(proxy::plan_body({Kind::Chunked}, limits) == proxy::BodyPlan::Streamed);
  auto bounds = proxy::bounds_of({});
  bounds.body = 100;
  CHECK_FALSE(proxy::is_too_large({Kind::Counted, 100}, bounds));
  CHECK(proxy::is_too_large({Kind::Counted, 101}, bounds));
  CHECK_FALSE(proxy::is_too_large({Kind::Chunked}, bounds));  // nobody knows yet
}

TEST_CASE("Content buys the time in which it is waited for", "[lb][proxy]") {
  using std::chrono::seconds;
  proxy::LeastRate rate{500, seconds{30}};
  CHECK(rate.left() == seconds{30});
  rate.waited(seconds{20});
  CHECK(rate.left() == seconds{10});
  rate.came(499);
  CHECK(rate.left() == seconds{10});
  rate.came(1);
  CHECK(rate.left() == seconds{11});
  rate.came(500 * 100);
  CHECK(rate.left() == seconds{111});
  rate.waited(seconds{112});
  CHECK(rate.left() == seconds{-1});
  rate.came(std::uint64_t{1} << 50U);
  CHECK(rate.left() == common::Duration::max());
  CHECK(proxy::LeastRate{}.left() == common::Duration::max());
  CHECK(proxy::LeastRate(0, seconds{1}).left() == common::Duration::max());
}

TEST_CASE("Security 19: CONNECT is refused", "[lb][proxy]") {
  CHECK(proxy::refuse(request("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n")) ==
        Trouble::ConnectMethod);
}

TEST_CASE("OPTIONS goes as far as it may", "[lb][proxy][rfc9110-7.6.2]") {
  const auto options = [](const std::string& left) {
    return "OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: " + left + "\r\n\r\n";
  };
  CHECK(proxy::refuse(request(options("0"))) == Trouble::LastForward);
  CHECK_FALSE(proxy::refuse(request(options("1"))));
  CHECK(contains(forwarded(options("10")), "\r\nMax-Forwards: 9\r\n"));
  CHECK(contains(forwarded("GET / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 3\r\n\r\n"), "s: 3\r\n"));
  CHECK(proxy::refuse(request("TRACE / HTTP/1.1\r\nHost: h\r\n\r\n")) == Trouble::TraceMethod);
  CHECK(contains(proxy::error_response(proxy::refusal_of(Trouble::TraceMethod), {}),
                 "\r\nAllow: GET"));
}

TEST_CASE("A request is written anew for the endpoint", "[lb][proxy][rfc9110-7.6]") {
  CHECK(forwarded("GET /a?b HTTP/1.1\r\nHost: h:1\r\naccept:  x\r\nConnection: x-y\r\nX-Y: 1\r\n"
                  "Upgrade: h2c\r\nExpect: 100-continue\r\n\r\n") ==
        "GET /a?b HTTP/1.1\r\nHost: h:1\r\naccept: x\r\nVia: 1.1 lbd\r\n"
        "Forwarded: for=192.0.2.1;host=\"h:1\";proto=http\r\n"
        "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: h:1\r\n"
        "X-Request-ID: id1\r\n\r\n");
}

TEST_CASE("Security 15: what a client claims about itself is replaced", "[lb][proxy]") {
  const auto head = forwarded(
      "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n"
      "X_Forwarded_For: 6.6.6.6\r\nX.Real.IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n"
      "X-Forwarded-Port: 666\r\n\r\n");
  CHECK_FALSE(contains(head, "6.6.6.6"));
  CHECK_FALSE(contains(head, "https"));
  CHECK_FALSE(contains(head, "666"));
}

TEST_CASE("Framing is said once, whatever the client wrote", "[lb][proxy][rfc9112-6]") {
  CHECK(contains(forwarded("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 007\r\n\r\n"),
                 "\r\nContent-Length: 7\r\n"));
  const auto chunked =
      forwarded("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n");
  CHECK(contains(chunked, "\r\nTransfer-Encoding: chunked\r\n"));
  CHECK_FALSE(contains(chunked, "Chunked"));
}

TEST_CASE("A client is told what an answer 426 wants", "[lb][proxy][rfc9110-15.5.22]") {
  const auto told = [](const std::string& protocol) {
    return returned("HTTP/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: " + protocol +
                    "\r\nContent-Length: 0\r\n\r\n");
  };
  CHECK(contains(told("websocket"), "Upgrade: websocket\r\nConnection: upgrade\r\n"));
  CHECK_FALSE(contains(told("h2c"), "pgrade:"));
}

TEST_CASE("An answer is framed for the client it goes to", "[lb][proxy][rfc9112-6]") {
  const auto counted = returned("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nKeep-Alive: 5\r\n\r\n");
  CHECK(counted ==
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n");
  const auto chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(contains(returned(chunked), "Transfer-Encoding: chunked\r\n"));
  CHECK_FALSE(contains(returned(chunked, true, 0), "Transfer-Encoding"));
  CHECK(contains(returned(chunked, true, 0), "Connection: close\r\n"));
  CHECK(contains(returned("HTTP/1.0 200 OK\r\n\r\n"), "Transfer-Encoding: chunked\r\n"));
  CHECK(contains(returned("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, 0),
                 "Connection: keep-alive\r\n"));
  CHECK(contains(returned("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false),
                 "Connection: close\r\n"));
  CHECK_FALSE(
      contains(returned("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n"), "Content-Length"));
  CHECK(contains(
      returned("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, 1, http::Method::Head),
      "Content-Length: 3\r\n"));
  CHECK_FALSE(
      contains(returned("HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 0\r\n\r\n"), "1970"));
}

TEST_CASE("Our own answers are problems for programs and pages for people",
          "[lb][proxy][rfc9457]") {
  const auto refusal = proxy::refusal_of(Trouble::NoEndpoint);
  const auto problem = proxy::error_response(refusal, {.request_id = "id1", .close = false});
  CHECK(problem.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(contains(problem, "Content-Type: application/problem+json\r\n"));
  CHECK(contains(problem, R"("code":"no_endpoint")"));
  CHECK(contains(problem, R"("request_id":"id1")"));
  CHECK_FALSE(contains(problem, "Connection: close"));
  CHECK(
      contains(proxy::error_response(refusal, {.html = true}), "<h1>503 Service Unavailable</h1>"));
  const auto to_head = proxy::error_response(refusal, {.without_content = true});
  CHECK(to_head.ends_with("\r\n\r\n"));
  CHECK_FALSE(contains(problem, "Strict-Transport-Security"));
  for (const auto& told : {proxy::error_response(refusal, {.hsts = "max-age=1"}),
                           proxy::own_options({.close = false, .hsts = "max-age=1"})})
    CHECK(contains(told, "\r\nStrict-Transport-Security: max-age=1\r\n"));

  const auto html = [](const std::string& accept) {
    return proxy::wants_html(
        request("GET / HTTP/1.1\r\nHost: a\r\nAccept: " + accept + "\r\n\r\n").head.fields);
  };
  CHECK(html("text/html,application/xhtml+xml,*/*;q=0.8"));
  CHECK_FALSE(html("*/*"));
  CHECK_FALSE(html("application/json, text/html"));
}

TEST_CASE("Every refusal has a counter of its own", "[lb][proxy]") {
  const auto codes = proxy::refusal_codes();
  CHECK(codes.size() <= telemetry::WorkerCounters::kMostRefusals);
  CHECK(std::set(codes.begin(), codes.end()).size() == codes.size());
  for (std::size_t i = 0; i < http1::kErrcCount; ++i)
    CHECK(codes[proxy::refusal_of(static_cast<http1::Errc>(i)).counter] ==
          http1::label_of(static_cast<http1::Errc>(i)));
  for (std::size_t i = 0; i < proxy::kTroubleCount; ++i) {
    const auto refusal = proxy::refusal_of(static_cast<Trouble>(i));
    CHECK(codes[refusal.counter] == refusal.code);
  }
}

TEST_CASE("Names of requests differ; a client's own is kept when harmless", "[lb][proxy]") {
  proxy::RequestIds ids{1};
  std::set<proxy::RequestId> seen;
  for (int i = 0; i < 10'000; ++i) CHECK(seen.insert(ids.next()).second);
  CHECK(proxy::is_request_id("a-B_9.z"));
  CHECK_FALSE(proxy::is_request_id(""));
  CHECK_FALSE(proxy::is_request_id("a b"));
  CHECK_FALSE(proxy::is_request_id("<b>"));
  CHECK_FALSE(proxy::is_request_id(std::string(65, 'a')));
}
