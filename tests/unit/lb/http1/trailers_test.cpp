#include "lb/http/trailers.hpp"

#include "lb/http1/chunked.hpp"
#include "lb/http1/trailers.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace {

using namespace lb;

/// The trailer section of a chunked body as it would be passed on, or why it is refused.
std::string passed(const std::string& section, std::size_t piece = 1000,
                   const http1::Limits& limits = {}) {
  std::string kept;
  http1::ChunkedDecoder decoder{limits, &kept};
  const auto octets = "1\r\nx\r\n0\r\n" + section + "\r\n";
  std::string_view rest{octets};
  while (!rest.empty() && !decoder.finished()) {
    const auto step = decoder.next(rest.substr(0, piece));
    if (!step) return std::string{http1::label_of(step.error())};
    rest.remove_prefix(step->consumed);
  }
  REQUIRE(decoder.finished());
  return http1::passable_trailers(kept);
}

http::Fields fields(std::initializer_list<std::pair<std::string_view, std::string_view>> lines) {
  http::Fields out;
  for (const auto& [name, value] : lines) out.push_back({name, value, http::identify(name), false});
  return out;
}

}  // namespace

TEST_CASE("Trailers are passed on, however they arrive", "[lb][http1][rfc9110-6.5]") {
  for (const std::size_t piece : {1, 2, 3, 7, 1000}) {
    CHECK(passed("", piece).empty());
    CHECK(passed("X-Sum:  abc \r\nServer-Timing: a\r\n", piece) ==
          "X-Sum: abc\r\nServer-Timing: a\r\n");
  }
}

TEST_CASE("Security 8: a trailer never says what only a head may", "[lb][http1][rfc9110-6.5.1]") {
  for (const std::string_view name : {"Content-Length",
                                      "Transfer-Encoding",
                                      "Host",
                                      "Connection",
                                      "Upgrade",
                                      "TE",
                                      "Trailer",
                                      "Authorization",
                                      "Proxy-Authorization",
                                      "Cookie",
                                      "Set-Cookie",
                                      "Content-Type",
                                      "Content-Encoding",
                                      "Content-Range",
                                      "Cache-Control",
                                      "Expect",
                                      "If-None-Match",
                                      "Range",
                                      "Date",
                                      "Location",
                                      "Retry-After",
                                      "Vary",
                                      "Forwarded",
                                      "X-Forwarded-For",
                                      "x-forwarded-proto",
                                      "X_Forwarded_For",
                                      "X-Forwarded_Host",
                                      "X-Real-IP",
                                      "X.Real.IP",
                                      "X-Forwarded-Prefix",
                                      "CF-Connecting_IP",
                                      "X-Request-ID",
                                      "Content_Length",
                                      "WWW-Authenticate",
                                      "Access-Control-Allow-Origin",
                                      "traceparent",
                                      "Idempotency-Key",
                                      "Sec-WebSocket-Key"}) {
    CAPTURE(name);
    CHECK_FALSE(http::may_be_trailer(name));
    CHECK(passed("A: 1\r\n" + std::string{name} + ": x\r\nB: 2\r\n") == "A: 1\r\nB: 2\r\n");
  }
  for (const std::string_view name :
       {"X-Checksum", "Digest", "grpc-status", "Server-Timing", "X", "ETag",
        "a-very-long-name-that-is-nobodys-a-very-long-name-that-is-nobodys-and-longer"})
    CHECK(http::may_be_trailer(name));
}

TEST_CASE("Security 8: trailers are counted and measured", "[lb][http1]") {
  http1::Limits limits;
  limits.trailer_fields = 2;
  CHECK(passed("A: 1\r\nB: 2\r\n", 1000, limits) == "A: 1\r\nB: 2\r\n");
  CHECK(passed("A: 1\r\nB: 2\r\nC: 3\r\n", 1000, limits) == "trailers_too_large");
  CHECK(passed("A: " + std::string(5000, 'x') + "\r\n") == "trailers_too_large");
  CHECK(passed(" folded\r\n") == "bad_chunk");
  CHECK(passed("no colon\r\n") == "bad_chunk");
}

TEST_CASE("Who takes trailers says so", "[lb][http][rfc9110-10.1.4]") {
  CHECK(http::accepts_trailers(fields({{"TE", "trailers"}})));
  CHECK(http::accepts_trailers(fields({{"te", "gzip;q=0.5, Trailers"}})));
  CHECK_FALSE(http::accepts_trailers(fields({{"TE", "gzip"}, {"X", "trailers"}})));
  CHECK(http::announced_trailers(fields({{"Trailer", "X-Sum, Host"}, {"Trailer", "b, a b"}})) ==
        "X-Sum, b");
}
