#include "lb/http1/head_parser.hpp"

#include "tests/support/catch.hpp"

#include <random>
#include <string>

namespace {

using namespace lb;
using http1::Errc;

constexpr http1::Limits kLimits;

struct Outcome {
  std::optional<Errc> refusal;
  std::size_t size{0};
};

Outcome parse(std::string_view octets, http1::ParsedRequest& out,
              const http1::Limits& limits = kLimits) {
  const auto size = http1::parse_request(octets, limits, out);
  if (!size) return {size.error(), 0};
  return {std::nullopt, *size};
}

std::optional<Errc> refusal(const std::string& octets, const http1::Limits& limits = kLimits) {
  http1::ParsedRequest out;
  const auto outcome = parse(octets, out, limits);
  if (!outcome.refusal) CHECK(outcome.size == octets.size());
  return outcome.refusal;
}

/// A request with one extra piece of head.
std::string with(const std::string& lines) {
  return "POST /a HTTP/1.1\r\nHost: example\r\n" + lines + "\r\n";
}

std::optional<Errc> answer_refusal(const std::string& octets,
                                   http::Method method = http::Method::Get) {
  http1::ParsedResponse out;
  const auto size = http1::parse_response(octets, kLimits, method, out);
  return size ? std::nullopt : std::optional{size.error()};
}

struct Case {
  std::string octets;
  std::optional<Errc> expected;
};

void check_all(const std::vector<Case>& cases) {
  for (const auto& one : cases) {
    CAPTURE(one.octets);
    CHECK(refusal(one.octets) == one.expected);
  }
}

}  // namespace

TEST_CASE("A request head is read into its parts", "[lb][http1][rfc9112-3]") {
  const std::string octets =
      "GET /a/b?c=d HTTP/1.1\r\nHost: Example:8080\r\nAccept:\t text/html \r\nX-Empty:\r\n\r\nrest";
  http1::ParsedRequest out;
  const auto outcome = parse(octets, out);
  REQUIRE_FALSE(outcome.refusal);
  CHECK(outcome.size == octets.size() - 4);
  CHECK(out.head.method == http::Method::Get);
  CHECK(out.head.target.query == "?c=d");
  CHECK(out.head.target.path == "/a/b");
  CHECK(out.head.authority == "Example:8080");
  REQUIRE(out.head.fields.size() == 3);
  CHECK(out.head.fields[1].value == "text/html");
  CHECK(out.head.fields[2].value.empty());
  CHECK(out.body == http1::BodyLength{});
  CHECK(out.persistent);
}

TEST_CASE("However a head is split, it is read the same", "[lb][http1]") {
  const std::vector<std::string> heads{with("Content-Length: 5\r\nX-A: b\r\n"),
                                       with("Transfer-Encoding: chunked\r\n"),
                                       "\r\nGET http://h:1/x?y HTTP/1.1\r\nHost: other\r\n\r\n",
                                       "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"};
  for (const auto& head : heads) {
    http1::ParsedRequest whole;
    const auto expected = parse(head, whole);
    REQUIRE(expected.size == head.size());
    for (std::size_t cut = 0; cut < head.size(); ++cut) {
      CAPTURE(head, cut);
      http1::ParsedRequest part;
      const auto outcome = parse(std::string_view{head}.substr(0, cut), part);
      CHECK_FALSE(outcome.refusal);
      CHECK(outcome.size == 0);
    }
  }
}

TEST_CASE("A malformed head is refused at whatever octet it is cut, or not yet", "[lb][http1]") {
  const std::vector<std::string> heads{with("A : b\r\n"), with("A: b\r\n c\r\n"), with("A: b\n"),
                                       "GET /\r\n\r\n", "GET / HTTP/3.0\r\nHost: a\r\n\r\n"};
  for (const auto& head : heads) {
    const auto whole = refusal(head);
    REQUIRE(whole);
    for (std::size_t cut = 0; cut <= head.size(); ++cut) {
      CAPTURE(head, cut);
      http1::ParsedRequest out;
      const auto outcome = parse(std::string_view{head}.substr(0, cut), out);
      CHECK(outcome.size == 0);
      if (outcome.refusal) CHECK(outcome.refusal == whole);
    }
  }
}

TEST_CASE("Security 1: Content-Length and Transfer-Encoding together are refused",
          "[lb][http1][rfc9112-6.1]") {
  check_all(
      {{with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), Errc::ConflictingFraming},
       {with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), Errc::ConflictingFraming},
       {with("Transfer-Encoding: x\r\nContent-Length: \r\n"), Errc::ConflictingFraming}});
}

TEST_CASE("Security 2: Transfer-Encoding is `chunked` and nothing else",
          "[lb][http1][rfc9112-6.1]") {
  const auto bad = Errc::BadTransferEncoding;
  check_all({
      {with("Transfer-Encoding: chunked\r\n"), std::nullopt},
      {with("Transfer-Encoding: CHUNKED\r\n"), std::nullopt},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), bad},
      {with("Transfer-Encoding: chunked, chunked\r\n"), bad},
      {with("Transfer-Encoding: chunked,\r\n"), bad},
      {with("Transfer-Encoding: ,chunked\r\n"), bad},
      {with("Transfer-Encoding: gzip, chunked\r\n"), bad},
      {with("Transfer-Encoding: identity\r\n"), Errc::UnknownTransferCoding},
      {with("Transfer-Encoding: xchunked\r\n"), Errc::UnknownTransferCoding},
      {with("Transfer-Encoding: \"chunked\"\r\n"), bad},
      {with("Transfer-Encoding:\r\n"), bad},
      {with("Transfer-Encoding: \xA0"
            "chunked\r\n"),
       bad},
      {with("Transfer-Encoding: \x0B"
            "chunked\r\n"),
       Errc::BadField},
      {with("Transfer-Encoding: \x0C"
            "chunked\r\n"),
       Errc::BadField},
      {with("Transfer-Encoding : chunked\r\n"), Errc::BadField},
      {with("Transfer-Encoding:\r\n chunked\r\n"), Errc::FoldedField},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", bad},
  });
}

TEST_CASE("Security 3: Content-Length is one plain number", "[lb][http1][rfc9112-6.3]") {
  const auto bad = Errc::BadContentLength;
  check_all({{with("Content-Length: 0\r\n"), std::nullopt},
             {with("Content-Length: 0005\r\n"), std::nullopt},
             {with("Content-Length: \r\n"), bad},
             {with("Content-Length: +1\r\n"), bad},
             {with("Content-Length: -1\r\n"), bad},
             {with("Content-Length: 1 1\r\n"), bad},
             {with("Content-Length: 1,1\r\n"), bad},
             {with("Content-Length: 0x10\r\n"), bad},
             {with("Content-Length: 1.0\r\n"), bad},
             {with("Content-Length: 1_0\r\n"), bad},
             {with("Content-Length: 18446744073709551617\r\n"), bad},
             {with("Content-Length: 99999999999999999999999999\r\n"), bad},
             {with("Content-Length: 5\r\nContent-Length: 5\r\n"), bad},
             {with("Content-Length: 5\r\nContent-Length: 6\r\n"), bad},
             {with("Content-Length: \r\nContent-Length: 6\r\n"), bad}});
}

TEST_CASE("Security 4: names, counts and sizes are bounded", "[lb][http1]") {
  http1::Limits limits;
  limits.request_line = 64;
  limits.field_line = 64;
  limits.fields = 4;
  limits.head = 256;
  const std::string long_text(80, 'a');
  CHECK(refusal("GET /" + long_text + " HTTP/1.1\r\nHost: a\r\n\r\n", limits) ==
        Errc::RequestLineTooLong);
  CHECK(refusal("GET /" + long_text, limits) == Errc::RequestLineTooLong);
  CHECK(refusal(with(long_text + ": b\r\n"), limits) == Errc::FieldLineTooLong);
  CHECK(refusal(with("A: " + long_text), limits) == Errc::FieldLineTooLong);
  CHECK(refusal(with("A: 1\r\nB: 2\r\nC: 3\r\n"), limits) == std::nullopt);
  CHECK(refusal(with("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n"), limits) == Errc::TooManyFields);
  std::string three;
  for (const char* name : {"A", "B", "C"}) three += name + (": " + std::string(58, 'x')) + "\r\n";
  limits.head = 200;
  CHECK(refusal(with(three), limits) == Errc::HeadTooLarge);
  CHECK(refusal(with(std::string(65'600, 'a') + ": b\r\nContent-Length: 3\r\n")) ==
        Errc::FieldLineTooLong);
}

TEST_CASE("Security 24: a line exactly as long as is allowed passes wherever it is split",
          "[lb][http1]") {
  const http1::Limits limits{.request_line = 32, .field_line = 32};
  for (const std::size_t extra : {0U, 1U}) {
    const std::string line = "GET /" + std::string(18 + extra, 'a') + " HTTP/1.1\r\n";
    const std::string field = "A: " + std::string(29 + extra, 'b') + "\r\n";
    const std::string host = "Host: a\r\n";
    for (const auto& [octets, expected] :
         {std::pair{line + host + "\r\n", Errc::RequestLineTooLong},
          std::pair{"GET / HTTP/1.1\r\n" + host + field + "\r\n", Errc::FieldLineTooLong}}) {
      std::optional<Errc> first;
      for (std::size_t size = 1; size <= octets.size() && !first; ++size) {
        http1::ParsedRequest out;
        first = parse(std::string_view{octets}.substr(0, size), out, limits).refusal;
      }
      CHECK(first == (extra == 0 ? std::nullopt : std::optional{expected}));
      CHECK(refusal(octets, limits) == first);
    }
  }
}

TEST_CASE("Security 5: an empty field name is refused", "[lb][http1][rfc9112-5]") {
  check_all({{with(": b\r\n"), Errc::BadField}, {with(":\r\n"), Errc::BadField}});
}

TEST_CASE("Security 9: bare line endings, NUL and control octets are refused",
          "[lb][http1][rfc9112-2.2]") {
  using std::string;
  check_all({{with("A: b\n"), Errc::BareLineEnding},
             {"GET / HTTP/1.1\nHost: a\r\n\r\n", Errc::BareLineEnding},
             {"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Errc::BareLineEnding},
             {with("A: b\rC: d\r\n"), Errc::BadField},
             {with(string("A: b\0c\r\n", 8)), Errc::BadField},
             {with("A: b\x01\r\n"), Errc::BadField},
             {with("A: b\x7F\r\n"), Errc::BadField},
             {with("A\x80: b\r\n"), Errc::BadField},
             {with("A: \x80\xFF\r\n"), std::nullopt},
             {with("no colon\r\n"), Errc::BadField},
             {"GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", Errc::BadTarget}});
}

TEST_CASE("Security 10: folding and blanks before a colon are refused",
          "[lb][http1][rfc9112-5.1]") {
  check_all({{with("A: b\r\n c\r\n"), Errc::FoldedField},
             {with("A: b\r\n\tc\r\n"), Errc::FoldedField},
             {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", Errc::FoldedField},
             {with("A : b\r\n"), Errc::BadField},
             {with("A\t: b\r\n"), Errc::BadField},
             {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", Errc::BadRequestLine}});
}

TEST_CASE("Security 11: the request line has one form", "[lb][http1][rfc9112-3]") {
  const std::string host = "\r\nHost: a\r\n\r\n";
  const auto bad = Errc::BadRequestLine;
  check_all({{"GET  / HTTP/1.1" + host, Errc::BadTarget},
             {"GET /  HTTP/1.1" + host, Errc::BadTarget},
             {"GET / HTTP/1.1 " + host, bad},
             {"GET\t/\tHTTP/1.1" + host, bad},
             {"GET /" + host, bad},
             {"GET" + host, bad},
             {"GET / HTTP/1" + host, bad},
             {"GET / HTTP/1.10" + host, bad},
             {"GET / http/1.1" + host, bad},
             {"GET / HTTP/0.9" + host, Errc::BadVersion},
             {"GET / HTTP/2.0" + host, Errc::BadVersion},
             {"GET / HTTP/1.2" + host, std::nullopt},
             {"PRI * HTTP/2.0" + host, Errc::Http2Preface},
             {"GET * HTTP/1.1" + host, Errc::BadTarget},
             {"OPTIONS * HTTP/1.1" + host, std::nullopt},
             {"GET a:80 HTTP/1.1" + host, Errc::BadTarget},
             {"CONNECT a:80 HTTP/1.1" + host, std::nullopt},
             {"CONNECT /x HTTP/1.1" + host, Errc::BadTarget},
             {"G(T / HTTP/1.1" + host, bad},
             {std::string("GET /\0 HTTP/1.1", 15) + host, Errc::BadTarget},
             {"\r\n\r\nGET / HTTP/1.1" + host, bad}});
}

TEST_CASE("Security 12: one Host, and it is a host", "[lb][http1][rfc9112-3.2]") {
  const std::string line = "GET / HTTP/1.1\r\n";
  check_all({{line + "\r\n", Errc::BadHost},
             {line + "Host: a\r\nHost: a\r\n\r\n", Errc::BadHost},
             {line + "Host:\r\n\r\n", Errc::BadHost},
             {line + "Host: a/b\r\n\r\n", Errc::BadHost},
             {line + "Host: u@a\r\n\r\n", Errc::BadHost},
             {line + "Host: a b\r\n\r\n", Errc::BadHost},
             {line + "Host: a,b\r\n\r\n", std::nullopt},
             {line + "Host: a:99999\r\n\r\n", Errc::BadHost},
             {line + "Host: a:x\r\n\r\n", Errc::BadHost},
             {line + "Host: a#b\r\n\r\n", Errc::BadHost},
             {line + "Host: [::1]:80\r\n\r\n", std::nullopt},
             {line + "Host: [::1\r\n\r\n", Errc::BadHost},
             {line + "Host: [zz]\r\n\r\n", Errc::BadHost},
             {"GET / HTTP/1.0\r\n\r\n", std::nullopt},
             {"GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", Errc::BadTarget},
             {"GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n", std::nullopt},
             {"GET httpx://h/ HTTP/1.1\r\nHost: h\r\n\r\n", Errc::BadTarget},
             {"GET http:/// HTTP/1.1\r\nHost: h\r\n\r\n", Errc::BadTarget},
             {"GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", Errc::BadTarget}});
}

TEST_CASE("The authority of an absolute-form replaces Host", "[lb][http1][rfc9112-3.2.2]") {
  http1::ParsedRequest out;
  for (const auto* target : {"http://real:81?x", "http://real:81/?x", "HTTPS://real:81/?x"}) {
    const auto octets = std::string{"GET "} + target + " HTTP/1.1\r\nHost: claimed\r\n\r\n";
    REQUIRE_FALSE(parse(octets, out).refusal);
    CHECK(out.head.authority == "real:81");
    CHECK(out.head.target.path == "/");
    CHECK(out.head.target.query == "?x");
    CHECK(out.head.target.secure == (octets.find("HTTPS") != std::string::npos));
  }
}

TEST_CASE("Security 20: only 100-continue is expected of us", "[lb][http1][rfc9110-10.1.1]") {
  check_all({{with("Expect: 100-continue\r\nContent-Length: 1\r\n"), std::nullopt},
             {with("Expect: 100-Continue\r\n"), std::nullopt},
             {with("Expect: 100-continue \x80\r\n"), Errc::UnknownExpectation},
             {with("Expect: y 100-continue\r\n"), Errc::UnknownExpectation},
             {with("Expect: 100-continue\r\nExpect: 100-continue\r\n"), Errc::UnknownExpectation},
             {with("Expect:\r\n"), Errc::UnknownExpectation}});
}

TEST_CASE("Persistence follows version and Connection", "[lb][http1][rfc9112-9.3]") {
  struct Row {
    std::string octets;
    bool persistent;
  };
  const auto rows = std::vector<Row>{
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.octets);
    http1::ParsedRequest out;
    REQUIRE_FALSE(parse(row.octets, out).refusal);
    CHECK(out.persistent == row.persistent);
  }
}

TEST_CASE("Security 22: a malformed answer is refused", "[lb][http1][rfc9112-4]") {
  CHECK_FALSE(answer_refusal("HTTP/1.1 200 OK\r\n\r\n"));
  CHECK_FALSE(answer_refusal("HTTP/1.1 200\r\n\r\n"));
  CHECK_FALSE(answer_refusal("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  for (const char* line : {"HTTP/2.0 200 OK", "HTTP/1.1  200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000",
                           "HTTP/1.1 099 x", "HTTP/1.1 600 x", "HTTP/1.1 2x0 OK", "ICY 200 OK",
                           "HTTP/1.1 200\tOK", "HTTP/1.1 200 O\x01K", "<html>not http</html>"}) {
    CAPTURE(line);
    CHECK(answer_refusal(std::string{line} + "\r\n\r\n") == Errc::BadStatusLine);
  }
  CHECK(answer_refusal("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n") ==
        Errc::BadContentLength);
  CHECK(answer_refusal(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        Errc::ConflictingFraming);
  CHECK(answer_refusal("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        Errc::BadTransferEncoding);
  CHECK(answer_refusal("HTTP/1.1 200 OK\nA: b\r\n\r\n") == Errc::BareLineEnding);
}

TEST_CASE("Who speaks another protocol is told so", "[lb][http1]") {
  for (const std::string hello : {"\x16", "\x16\x03\x01\x02\x00\x01", "\x16\r\n\r\n"})
    CHECK(refusal(hello) == Errc::TlsOnPlainPort);
  CHECK(refusal("GET /\x16 HTTP/1.1\r\nHost: h\r\n\r\n") == Errc::BadTarget);
  for (const std::string preface : {"PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"})
    CHECK(refusal(preface) == Errc::Http2Preface);
  CHECK(refusal("PRI / HTTP/2.0\r\n\r\n") == Errc::BadVersion);
  CHECK(http1::status_of(Errc::TlsOnPlainPort) == 400);
  CHECK(http1::status_of(Errc::Http2Preface) == 505);
}

TEST_CASE("The length of an answer follows its status and the method asked",
          "[lb][http1][rfc9112-6.3]") {
  using Kind = http1::BodyLength::Kind;
  struct Row {
    std::string head;
    http::Method method;
    http1::BodyLength expected;
  };
  const auto rows = std::vector<Row>{
      {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n", http::Method::Get, {Kind::Counted, 7}},
      {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n", http::Method::Head, {Kind::None, 0}},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n", http::Method::Get, {Kind::None, 0}},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n", http::Method::Get, {Kind::None, 0}},
      {"HTTP/1.1 103 Early Hints\r\n", http::Method::Get, {Kind::None, 0}},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", http::Method::Get, {Kind::Chunked, 0}},
      {"HTTP/1.1 200 OK\r\n", http::Method::Get, {Kind::UntilClose, 0}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.head);
    http1::ParsedResponse out;
    const auto size = http1::parse_response(row.head + "\r\n", kLimits, row.method, out);
    REQUIRE(size.has_value());
    CHECK(out.body == row.expected);
  }
}
