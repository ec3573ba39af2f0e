#include "tests/support/catch.hpp"
#include "tests/unit/lb/http2/endpoint.hpp"

namespace lb::http2::test {
namespace {

TEST_CASE("A session with an endpoint begins with the preface, and forbids pushes",
          "[lb][http2][rfc9113-3.4]") {
  Endpoint endpoint;
  CHECK_FALSE(endpoint.session.is_ready());
  const auto frames = endpoint.begin();
  REQUIRE_FALSE(frames.empty());
  CHECK(frames[0].type == kSettings);
  CHECK(frames[0].payload.starts_with(std::string_view{"\0\2\0\0\0\0", 6}));
  CHECK(endpoint.session.is_ready());
}

TEST_CASE("A request's text goes as frames, its answer comes out as text", "[lb][http2]") {
  Endpoint endpoint{{}, true};
  endpoint.begin();
  User user;
  auto& stream = endpoint.session.open(user);
  CHECK(write_all(stream,
                  "POST /a?b HTTP/1.1\r\nHost: shop.example\r\nX-A: 1\r\nCookie: a=b; c=d\r\n"
                  "Content-Length: 5\r\nConnection: TE\r\nTE: trailers\r\n\r\nabc"));
  CHECK(write_all(stream, "de"));
  const auto frames = endpoint.read();
  CHECK(fields_of(frames, 1) ==
        ":method: POST\n:scheme: https\n:authority: shop.example\n:path: /a?b\nx-a: 1\n"
        "cookie: a=b; c=d\ncontent-length: 5\nte: trailers\n-\n");
  CHECK(content_of(frames, 1) == "abcde");
  CHECK(ends(frames, 1));
  const auto octets =
      endpoint.head(1, answer("200", {{"content-length", "3"}, {"x-b", "2"}}), false) +
      frame(kData, kEndStream, 1, "xyz");
  std::string text;
  for (const char octet : octets) {  // however they arrive
    endpoint.send({&octet, 1});
    text += read_all(stream);
  }
  CHECK(text == "HTTP/1.1 200 \r\ncontent-length: 3\r\nx-b: 2\r\n\r\nxyz");
  CHECK(stream.look() == EndpointStream::Seen::End);
  stream.end_use(endpoint.now);
  CHECK_FALSE(endpoint.session.has_streams());
  CHECK(endpoint.read().empty());
}

TEST_CASE("Content of unknown length is chunked both ways, with its trailers",
          "[lb][http2][rfc9113-8.1]") {
  Endpoint endpoint;
  endpoint.begin();
  User user;
  auto& stream = endpoint.session.open(user);
  CHECK(write_all(stream,
                  "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
  auto frames = endpoint.read();
  CHECK(fields_of(frames, 1).find("transfer-encoding") == std::string::npos);
  CHECK(content_of(frames, 1) == "abc");
  CHECK_FALSE(ends(frames, 1));
  // The answer begins before the request ends: both go at once.
  endpoint.send(endpoint.head(1, answer("200", {{"content-type", "application/grpc"}}), false) +
                frame(kData, 0, 1, "one"));
  CHECK(read_all(stream) ==
        "HTTP/1.1 200 \r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n"
        "3\r\none\r\n");
  CHECK(write_all(stream, "1\r\nd\r\n0\r\nX-Sum: 4\r\n\r\n"));
  frames = endpoint.read();
  CHECK(content_of(frames, 1) == "d");
  CHECK(fields_of(frames, 1) == "x-sum: 4\n-\n");
  CHECK(ends(frames, 1));
  endpoint.send(endpoint.head(1, {{"grpc-status", "0"}, {"grpc-message", "fine"}}));
  CHECK(read_all(stream) == "0\r\ngrpc-status: 0\r\ngrpc-message: fine\r\n\r\n");
  stream.end_use(endpoint.now);
  CHECK_FALSE(endpoint.session.has_streams());
}

TEST_CASE("Answers without content have no framing they should not have", "[lb][http2]") {
  struct Row {
    std::string method;
    FieldList fields;
    bool ended;
    std::string text;
  };
  const std::vector<Row> rows{
      {"HEAD", answer("200", {{"content-length", "9"}}), true,
       "HTTP/1.1 200 \r\ncontent-length: 9\r\n\r\n"},
      {"HEAD", answer(), true, "HTTP/1.1 200 \r\n\r\n"},
      {"GET", answer("204"), true, "HTTP/1.1 204 \r\n\r\n"},
      {"GET", answer("304", {{"etag", "x"}}), true, "HTTP/1.1 304 \r\netag: x\r\n\r\n"},
      {"GET", answer("304"), false, "HTTP/1.1 304 \r\n\r\n"},
      {"GET", answer(), true, "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n"},
      {"GET", answer("200", {{"grpc-status", "12"}}), true,
       "HTTP/1.1 200 \r\ngrpc-status: 12\r\ncontent-length: 0\r\n\r\n"}};
  for (const auto& row : rows) {
    CAPTURE(row.method, row.text);
    Endpoint endpoint;
    endpoint.begin();
    User user;
    auto& stream = endpoint.session.open(user);
    CHECK(write_all(stream, row.method + " / HTTP/1.1\r\nHost: h\r\n\r\n"));
    endpoint.read();
    endpoint.send(endpoint.head(1, row.fields, row.ended));
    CHECK(read_all(stream) == row.text);
    stream.end_use(endpoint.now);
    // One whose end has not come yet is waited for, a while.
    CHECK_FALSE(reset_of(endpoint.read(), 1));
    CHECK(endpoint.session.has_streams() == !row.ended);
    if (row.ended) continue;
    endpoint.now += EndpointSession::kLinger;
    endpoint.session.on_deadline(endpoint.now);
    CHECK(reset_of(endpoint.read(), 1) == kCancel);
    CHECK_FALSE(endpoint.session.has_streams());
  }
}

TEST_CASE("Interim answers come before the final one, up to a number", "[lb][http2]") {
  Endpoint endpoint;
  endpoint.begin();
  User user;
  auto& stream = endpoint.session.open(user);
  CHECK(write_all(stream, get_text()));
  endpoint.read();
  endpoint.send(endpoint.head(1, answer("103", {{"link", "<a>"}}), false) +
                endpoint.head(1, answer(), true));
  CHECK(read_all(stream) ==
        "HTTP/1.1 103 \r\nlink: <a>\r\n\r\nHTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n");
  stream.end_use(endpoint.now);
  auto& flooded = endpoint.session.open(user);
  CHECK(write_all(flooded, get_text()));
  endpoint.read();
  for (std::uint32_t i = 0; i <= EndpointSession::kMostInterim; ++i)
    endpoint.send(endpoint.head(3, answer("103"), false));
  CHECK(flooded.loss() == Loss::Malformed);
  CHECK(reset_of(endpoint.read(), 3) == kProtocolError);
  flooded.end_use(endpoint.now);
}

TEST_CASE("An answer that is none is refused, and its connection goes on",
          "[lb][http2][rfc9113-8.1.1]") {
  const std::vector<std::pair<std::string, FieldList>> rows{
      {"no status", {{"server", "x"}}},
      {"status twice", {{":status", "200"}, {":status", "200"}}},
      {"status behind a field", {{"server", "x"}, {":status", "200"}}},
      {"not a number", answer("2x0")},
      {"too short", answer("20")},
      {"too long", answer("2000")},
      {"too small", answer("099")},
      {"switches protocols", answer("101")},
      {"a request's field", {{":status", "200"}, {":path", "/"}}},
      {"connection", answer("200", {{"connection", "close"}})},
      {"keep-alive", answer("200", {{"keep-alive", "timeout=1"}})},
      {"transfer-encoding", answer("200", {{"transfer-encoding", "chunked"}})},
      {"upgrade", answer("200", {{"upgrade", "h2c"}})},
      {"te", answer("200", {{"te", "trailers"}})},
      {"upper case", answer("200", {{"Server", "x"}})},
      {"a name that is none", answer("200", {{"a b", "x"}})},
      {"line end", answer("200", {{"a", "x\r\ny: z"}})},
      {"blank in front", answer("200", {{"a", " x"}})},
      {"too large", answer("200", {{"a", std::string(AnswerText::kMost, 'x')}})},
  };
  for (const auto& [what, fields] : rows) {
    CAPTURE(what);
    Endpoint endpoint;
    endpoint.begin();
    User user;
    auto& stream = endpoint.session.open(user);
    auto& other = endpoint.session.open(user);
    CHECK(write_all(stream, get_text()));
    CHECK(write_all(other, get_text()));
    endpoint.read();
    const auto block = endpoint.block(fields);  // may need more than a frame
    const auto first = std::string_view{block}.substr(0, 16'000);
    auto octets = frame(kHeaders, first.size() == block.size() ? kEndHeaders : 0, 1, first);
    for (std::size_t at = first.size(); at < block.size(); at += 16'000)
      octets += frame(kContinuation, at + 16'000 >= block.size() ? kEndHeaders : 0, 1,
                      std::string_view{block}.substr(at, 16'000));
    endpoint.send(octets);
    const auto frames = endpoint.read();
    CHECK(reset_of(frames, 1) == kProtocolError);
    CHECK(stream.loss() == Loss::Malformed);
    CHECK(stream.look() == EndpointStream::Seen::Lost);
    stream.end_use(endpoint.now);
    CHECK_FALSE(endpoint.goaway());
    endpoint.send(endpoint.head(3, answer()));
    CHECK(read_all(other) == "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n");
    other.end_use(endpoint.now);
    CHECK(endpoint.session.take_totals().malformed == 1);
  }
}

TEST_CASE("What follows a head must fit it", "[lb][http2][rfc9113-8.1.1]") {
  struct Row {
    const char* what;
    std::string behind;
  };
  Coder coder;
  const auto head = coder.head(1, answer("200", {{"content-length", "3"}}), false);
  for (const auto& row : {Row{"less content", frame(kData, kEndStream, 1, "ab")},
                          Row{"more content", frame(kData, kEndStream, 1, "abcd")},
                          Row{"trailers with a pseudo-field",
                              frame(kData, 0, 1, "abc") + coder.head(1, {{":status", "200"}})},
                          Row{"trailers of one hop",
                              frame(kData, 0, 1, "abc") + coder.head(1, {{"connection", "close"}})},
                          Row{"trailers that are not the end",
                              frame(kData, 0, 1, "abc") + coder.head(1, {{"a", "b"}}, false)}}) {
    CAPTURE(row.what);
    Endpoint endpoint;
    endpoint.begin();
    User user;
    auto& stream = endpoint.session.open(user);
    CHECK(write_all(stream, get_text()));
    endpoint.read();
    endpoint.send(head + row.behind);
    CHECK(reset_of(endpoint.read(), 1) == kProtocolError);
    CHECK(stream.loss() == Loss::Malformed);
    stream.end_use(endpoint.now);
  }
}

}  // namespace
}  // namespace lb::http2::test
