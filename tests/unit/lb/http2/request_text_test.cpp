#include "lb/http2/request_text.hpp"

#include "lb/http1/head_parser.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lb::http2 {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
using Verdict = RequestText::Verdict;

constexpr std::string_view kNonce{"0123456789abcdef"};

Fields with(Fields more, std::string method = "GET") {
  Fields all{{":method", std::move(method)},
             {":scheme", "https"},
             {":path", "/a?b"},
             {":authority", "shop.example"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Verdict read(RequestText& text, const Fields& fields, bool ended = true) {
  text.begin({});
  for (const auto& [name, value] : fields) text.add(name, value);
  return text.finish(ended, kNonce);
}

std::string translated(const Fields& fields, bool ended = true) {
  RequestText text;
  REQUIRE(read(text, fields, ended) == Verdict::Fine);
  // What HTTP/1.1 would not take is not made.
  http1::ParsedRequest parsed;
  const auto size = http1::parse_request(text.text(), {}, parsed);
  REQUIRE(size.has_value());
  CHECK(*size == text.text().size());
  return std::string{text.text()};
}

TEST_CASE("A head of HTTP/2 becomes one of HTTP/1.1", "[lb][http2][rfc9113-8.3]") {
  const std::string start = "GET /a?b HTTP/1.1\r\nhost: shop.example\r\n";
  CHECK(translated(with({})) == start + "\r\n");
  CHECK(translated(with({{"x-a", "1"}, {"x-a", "2"}, {"te", "trailers"}})) ==
        start + "x-a: 1\r\nx-a: 2\r\nte: trailers\r\n\r\n");
  CHECK(translated(with({{"content-length", "3"}}, "POST"), false) ==
        "POST /a?b HTTP/1.1\r\nhost: shop.example\r\ncontent-length: 3\r\n\r\n");
  CHECK(translated(with({}, "POST"), false) ==
        "POST /a?b HTTP/1.1\r\nhost: shop.example\r\ntransfer-encoding: chunked\r\n\r\n");
  CHECK(translated(with({{"content-length", "0"}}, "POST")) ==
        "POST /a?b HTTP/1.1\r\nhost: shop.example\r\ncontent-length: 0\r\n\r\n");
}

TEST_CASE("Crumbs of cookies become one Cookie", "[lb][http2][rfc9113-8.2.3]") {
  CHECK(translated(with({{"cookie", "a=b"}, {"x-a", "1"}, {"cookie", "c=d"}, {"cookie", "e=f"}}))
            .ends_with("x-a: 1\r\ncookie: a=b; c=d; e=f\r\n\r\n"));
}

TEST_CASE("There is one Host", "[lb][http2][rfc9113-8.3.1]") {
  const std::string start = "GET /a?b HTTP/1.1\r\nhost: shop.example\r\n\r\n";
  CHECK(translated(with({{"host", "shop.example"}})) == start);
  CHECK(translated({{":method", "GET"},
                    {":scheme", "https"},
                    {":path", "/a?b"},
                    {"host", "shop.example"}}) == start);
  RequestText text;
  CHECK(read(text, with({{"host", "other.example"}})) == Verdict::Malformed);
}

TEST_CASE("Security 31: What is no request is told from one", "[lb][http2][rfc9113-8.1.1]") {
  const auto pseudo = [](Fields fields) { return fields; };
  for (const auto& fields : {
           with({{"X-A", "1"}}),  // upper case
           with({{"", "1"}}),
           with({{"x a", "1"}}),
           with({{"x-a", "1\r\nx-b: 2"}}),
           with({{"x-a", std::string{"1\0", 2}}}),
           with({{"x-a", " 1"}}),
           with({{"x-a", "1\t"}}),
           with({{"connection", "close"}}),
           with({{"keep-alive", "1"}}),
           with({{"proxy-connection", "close"}}),
           with({{"transfer-encoding", "chunked"}}),
           with({{"upgrade", "h2c"}}),
           with({{"te", "gzip"}}),
           with({{"x-a", "1"}, {":path", "/"}}),  // behind a field
           with({{":path", "/"}}),                // twice
           with({{":status", "200"}}),
           with({{":other", "1"}}),
           with({{":protocol", "websocket"}}),  // of CONNECT only
           with({{"content-length", "3"}}),     // and no content
           pseudo({{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}}),
           pseudo({{":method", "GET"}, {":path", "/"}, {":authority", "a"}}),
           pseudo({{":scheme", "http"}, {":path", "/"}, {":authority", "a"}}),
           pseudo({{":method", "GET"}, {":scheme", "http"}, {":path", ""}, {":authority", "a"}}),
           pseudo({{":method", "GET"}, {":scheme", "http"}, {":path", "*"}, {":authority", "a"}}),
           pseudo({{":method", "GET"}, {":scheme", "http"}, {":path", "x"}, {":authority", "a"}}),
           pseudo({{":method", "GET"}, {":scheme", "http"}, {":path", "/ x"}, {":authority", "a"}}),
           pseudo({{":method", "GET"}, {":scheme", "http"}, {":path", "http://b/"}}),
           pseudo({{":method", "G T"}, {":scheme", "http"}, {":path", "/"}}),
           pseudo({{":method", "CONNECT"}, {":scheme", "http"}, {":authority", "a:1"}}),
           pseudo({{":method", "CONNECT"}}),
       }) {
    CAPTURE(fields.back().first, fields.back().second);
    RequestText text;
    CHECK(read(text, fields) == Verdict::Malformed);
  }
}

TEST_CASE("Plain CONNECT stays CONNECT, which is refused as ever", "[lb][http2]") {
  CHECK(translated({{":method", "CONNECT"}, {":authority", "a.example:443"}}, false) ==
        "CONNECT a.example:443 HTTP/1.1\r\nhost: a.example:443\r\n\r\n");
}

TEST_CASE("CONNECT to a protocol that HTTP/1.1 has no upgrade to stays CONNECT",
          "[lb][http2][rfc9220-3]") {
  auto fields = with({{"x-a", "1"}}, "CONNECT");
  fields.emplace(fields.begin(), ":protocol", GENERATE("h2c", "H2C", "http", "tls"));
  CHECK(translated(fields, false) ==
        "CONNECT shop.example HTTP/1.1\r\nhost: shop.example\r\nx-a: 1\r\n\r\n");
}

TEST_CASE("Extended CONNECT becomes an upgrade", "[lb][http2][rfc8441-5]") {
  auto fields = with({}, "CONNECT");
  fields.insert(fields.begin() + 1, {":protocol", "websocket"});
  fields.emplace_back("sec-websocket-version", "13");
  fields.emplace_back("sec-websocket-key", "theirs");
  CHECK(translated(fields, false) ==
        "GET /a?b HTTP/1.1\r\nhost: shop.example\r\nsec-websocket-version: 13\r\n"
        "connection: upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n");
  RequestText text;
  read(text, fields, false);
  CHECK(text.is_tunnel());
  fields.emplace_back("content-length", "0");
  CHECK(read(text, fields, false) == Verdict::Malformed);
}

TEST_CASE("Security 30: A head is kept up to its limit, and counted beyond", "[lb][http2]") {
  http1::Limits limits;
  RequestText text;
  text.begin(limits);
  for (const auto& [name, value] : with({})) text.add(name, value);
  const std::string large(1000, 'x');
  for (int i = 0; i < 100; ++i) text.add("x-a", large);
  CHECK(text.finish(true, kNonce) == Verdict::TooLarge);
  CHECK(text.text().size() <= limits.head);
  CHECK(text.unpacked() > 100'000);
  text.begin(limits);
  for (const auto& [name, value] : with({})) text.add(name, value);
  for (int i = 0; i < 100; ++i) text.add("cookie", large);
  CHECK(text.finish(true, kNonce) == Verdict::TooLarge);
}

}  // namespace
}  // namespace lb::http2
