#include "scripts/strobe/http/request_template.hpp"

#include "tests/support/catch.hpp"

using strobe::http::RequestTemplate;

TEST_CASE("A GET has no content and no length", "[strobe]") {
  const RequestTemplate get{.target = "/livez", .host = "192.168.10.100", .close = true};
  CHECK(get.render(3, "") ==
        "GET /livez HTTP/1.1\r\nHost: 192.168.10.100\r\nConnection: close\r\n\r\n");
}

TEST_CASE("A booking carries its key and its filled-in content", "[strobe]") {
  const RequestTemplate book{.method = "POST",
                             .target = "/b",
                             .host = "h",
                             .fields = {"Content-Type: application/json"},
                             .content = R"({"n":{n},"phone":"010-1234-{n4}","k":"{key}"})"};
  CHECK(
      book.render(12, "ab-12") ==
      "POST /b HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nIdempotency-Key: ab-12\r\n"
      "Content-Length: 44\r\n\r\n"
      R"({"n":12,"phone":"010-1234-0012","k":"ab-12"})");
}

TEST_CASE("Four digits are the last four", "[strobe]") {
  const RequestTemplate book{.content = "{n4}"};
  const auto ends_with = [&](std::uint64_t n, const std::string& end) {
    return book.render(n, "").ends_with("\r\n\r\n" + end);
  };
  CHECK(ends_with(0, "0000"));
  CHECK(ends_with(9999, "9999"));
  CHECK(ends_with(123456, "3456"));
}
