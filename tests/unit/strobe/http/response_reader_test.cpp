#include "scripts/strobe/http/response_reader.hpp"

#include "tests/support/catch.hpp"

using strobe::http::ResponseReader;

namespace {

ResponseReader read(std::string_view octets) {
  ResponseReader reader;
  reader.feed(octets);
  return reader;
}

}  // namespace

TEST_CASE("A response is read the same however it is cut", "[strobe][rfc9112-6.3]") {
  struct Row {
    std::string octets;
    unsigned status;
    std::string content;
    bool persists;
  };
  const auto row = GENERATE(values<Row>({
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
      {"HTTP/1.1 201 Created\r\nConnection: close\r\ncontent-length:2\r\n\r\n{}", 201, "{}", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false},
      {"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", 503, "", true},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n01\r\n!\r\n0\r\nT: "
       "x\r\n\r\n",
       200, "hello!", true},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok",
       true},
  }));
  const auto size = static_cast<std::size_t>(GENERATE(1, 2, 3, 7, 1000));
  ResponseReader reader;
  for (std::size_t at = 0; at < row.octets.size(); at += size) {
    CHECK_FALSE(reader.done());
    reader.feed(std::string_view{row.octets}.substr(at, size));
  }
  CHECK(reader.done());
  CHECK(reader.status() == row.status);
  CHECK(reader.content() == row.content);
  CHECK(reader.persists() == row.persists);
}

TEST_CASE("Only without a length does the connection's end complete an answer",
          "[strobe][rfc9112-6.3]") {
  auto unframed = read("HTTP/1.1 200 OK\r\n\r\nall of it");
  CHECK_FALSE(unframed.done());
  unframed.feed_end();
  CHECK(unframed.done());
  CHECK(unframed.content() == "all of it");
  CHECK_FALSE(unframed.persists());

  auto cut_short = read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
  cut_short.feed_end();
  CHECK(cut_short.bad());

  auto empty = read("");
  empty.feed_end();
  CHECK(empty.bad());
}

TEST_CASE("What is no response is bad", "[strobe]") {
  const auto octets = GENERATE(values<std::string>({
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/1.1 20 OK\r\n",
      "HTTP/1.1 2000 OK\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
  }));
  CHECK(read(octets).bad());
}

TEST_CASE("A head without an end is refused at the limit", "[strobe]") {
  ResponseReader reader;
  reader.feed("HTTP/1.1 200 OK\r\n");
  const std::string field = "X: " + std::string(1000, 'x') + "\r\n";
  std::size_t fed = 0;
  while (!reader.bad() && fed < 2 * ResponseReader::kLongestHead) {
    reader.feed(field);
    fed += field.size();
  }
  CHECK(reader.bad());
}

TEST_CASE("Content beyond the limit is counted, not kept", "[strobe]") {
  const auto length = 3 * ResponseReader::kKeptContent;
  auto reader = read("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n");
  reader.feed(std::string(length, 'x'));
  CHECK(reader.done());
  CHECK(reader.content_length() == length);
  CHECK(reader.content().size() == ResponseReader::kKeptContent);
}
