#include "lb/proxy/upgrade.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace {

using namespace lb;

std::string asked(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
  http1::ParsedRequest request;
  const auto octets = line + "\r\nHost: a\r\n" + fields + "\r\n";
  const auto size = http1::parse_request(octets, {}, request);
  REQUIRE(size.has_value());
  REQUIRE(*size == octets.size());
  return proxy::forwardable_upgrade(request);
}

bool agreed(const std::string& fields, std::string_view asked_for,
            const std::string& line = "HTTP/1.1 101 Switching Protocols") {
  http1::ParsedResponse answer;
  const auto octets = line + "\r\n" + fields + "\r\n";
  const auto size = http1::parse_response(octets, {}, http::Method::Get, answer);
  REQUIRE(size.has_value());
  return proxy::is_asked_upgrade(answer, asked_for);
}

}  // namespace

TEST_CASE("An upgrade is forwarded as it is asked for", "[lb][proxy][rfc9110-7.8]") {
  CHECK(asked("Connection: Upgrade\r\nUpgrade: websocket\r\n") == "websocket");
  CHECK(asked("Connection: keep-alive, UPGRADE\r\nUpgrade: a/1.0, b\r\nUpgrade: c\r\n") ==
        "a/1.0, b, c");
  CHECK(asked("Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 0\r\n", "POST / HTTP/1.1") ==
        "x");
}

TEST_CASE("Security 17, 18: what is no upgrade for an endpoint", "[lb][proxy][rfc9110-7.8]") {
  CHECK(asked("Upgrade: websocket\r\n").empty());  // not told to be of this hop
  CHECK(asked("Connection: Upgrade\r\n").empty());
  CHECK(asked("Connection: Upgrade\r\nUpgrade: websocket\r\n", "GET / HTTP/1.0").empty());
  CHECK(
      asked("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n", "POST / HTTP/1.1")
          .empty());
  CHECK(asked("Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n",
              "POST / HTTP/1.1")
            .empty());
  for (const std::string protocol : {"h2c", "H2C", "h2", "HTTP/2.0", "http", "TLS/1.0", "h2c/1", "",
                                     ",", "a b", "/1", "a/", "a/b/c"}) {
    CAPTURE(protocol);
    CHECK(asked("Connection: Upgrade\r\nUpgrade: " + protocol + "\r\n").empty());
    CHECK(asked("Connection: Upgrade\r\nUpgrade: " + protocol + ", websocket\r\n") == "websocket");
  }
}

TEST_CASE("An answer 426 says what it wants, but for what does not pass",
          "[lb][proxy][rfc9110-15.5.22]") {
  const auto offered = [](std::string_view status, std::string_view protocols) {
    http1::ParsedResponse answer;
    const auto octets = "HTTP/1.1 " + std::string{status} +
                        " x\r\nConnection: upgrade\r\nUpgrade: " + std::string{protocols} +
                        "\r\nContent-Length: 0\r\n\r\n";
    REQUIRE(http1::parse_response(octets, {}, http::Method::Get, answer).has_value());
    return proxy::offered_upgrade(answer);
  };
  CHECK(offered("426", "websocket") == "websocket");
  CHECK(offered("426", "TLS/1.0, a/1, h2c, b") == "a/1, b");
  CHECK(offered("426", "h2c").empty());
  CHECK(offered("400", "websocket").empty());
}

TEST_CASE("Security 16: only an agreed upgrade opens a tunnel", "[lb][proxy][rfc9110-7.8]") {
  const std::string both = "Connection: Upgrade\r\nUpgrade: WebSocket\r\n";
  CHECK(agreed(both, "websocket"));
  CHECK(agreed(both, "a, websocket"));
  CHECK_FALSE(agreed(both, ""));
  CHECK_FALSE(agreed(both, "a"));
  CHECK_FALSE(agreed("Upgrade: websocket\r\n", "websocket"));
  CHECK_FALSE(agreed("Connection: Upgrade\r\n", "websocket"));
  CHECK_FALSE(agreed("Connection: Upgrade\r\nUpgrade: a, websocket\r\n", "a, websocket"));
  CHECK_FALSE(agreed(both + "Upgrade: websocket\r\n", "websocket"));
  CHECK_FALSE(agreed(both + "Content-Length: 5\r\n", "websocket"));
  CHECK_FALSE(agreed(both, "websocket", "HTTP/1.0 101 Switching Protocols"));
}
