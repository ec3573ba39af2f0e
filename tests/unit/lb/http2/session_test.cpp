#include "lb/http2/session.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/lb/http2/client.hpp"

#include <algorithm>

namespace lb::http2::test {
namespace {

using std::chrono::seconds;

TEST_CASE("A session begins with its settings", "[lb][http2][rfc9113-3.4]") {
  Client client;
  client.send(std::string{kPreface} + settings());
  const auto frames = client.read();
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].type == kSettings);
  CHECK(frames[0].flags == 0);
  CHECK(std::any_of(frames.begin(), frames.end(),
                    [](const Frame& one) { return one.type == kSettings && one.flags == 1; }));
  CHECK_FALSE(client.session.is_over());
}

TEST_CASE("A request comes out as text, its answer goes back as frames", "[lb][http2]") {
  Client client;
  client.begin();
  const auto octets = client.head(1, get("/a", {{"x-a", "1"}}));
  for (const char octet : octets) {  // however they arrive
    CHECK(client.session.next_request() == nullptr);
    client.send({&octet, 1});
  }
  User user;
  auto& stream = serve(client, user);
  CHECK(stream.head() == "GET /a HTTP/1.1\r\nhost: shop.example\r\nx-a: 1\r\n\r\n");
  CHECK(read_all(stream).empty());
  CHECK(stream.look() == Stream::Seen::Nothing);
  CHECK(write_all(stream, "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"));
  CHECK(write_all(stream,
                  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\nX-B: 2\r\n\r\nab"));
  CHECK(write_all(stream, "c"));
  stream.end_use(client.now);
  const auto frames = client.read();
  CHECK(fields_of(frames, 1) ==
        ":status: 103\nlink: <a>\n-\n:status: 200\ncontent-length: 3\nx-b: 2\n-\n");
  CHECK(content_of(frames, 1) == "abc");
  CHECK(ends(frames, 1));
  CHECK_FALSE(reset_of(frames, 1));
  CHECK_FALSE(client.session.has_streams());
}

TEST_CASE("Answers without content end with their head", "[lb][http2]") {
  for (const auto& [method, answer] : std::vector<std::pair<std::string, std::string>>{
           {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n"},
           {"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
           {"GET", "HTTP/1.1 204 No Content\r\n\r\n"},
           {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 30\r\n\r\n"},
           {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}) {
    CAPTURE(method, answer);
    Client client;
    client.begin();
    auto fields = get();
    fields[0].second = method;
    client.send(client.head(1, fields));
    User user;
    auto& stream = serve(client, user);
    CHECK(write_all(stream, answer));
    stream.end_use(client.now);
    const auto frames = client.read();
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].flags == (kEndHeaders | kEndStream));
    CHECK(frames[0].fields.find("transfer-encoding") == std::string::npos);
  }
}

TEST_CASE("The chunked coding goes, trailers stay", "[lb][http2][rfc9113-8.1]") {
  Client client;
  client.begin();
  client.send(client.head(1, get()));
  User user;
  auto& stream = serve(client, user);
  CHECK(write_all(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"));
  CHECK(write_all(stream, "3\r\nabc\r\n"));
  CHECK_FALSE(ends(client.read(), 1));
  CHECK(write_all(stream, "2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"));
  const auto frames = client.read();
  CHECK(content_of(frames, 1) == "de");
  CHECK(frames.back().fields == "x-t: 1\n");
  CHECK(ends(frames, 1));
  stream.end_use(client.now);
}

TEST_CASE("Content comes as its head has announced", "[lb][http2]") {
  Client client;
  client.begin();
  SECTION("counted") {
    client.send(client.head(1, post("/", {{"content-length", "5"}}), false));
    User user;
    auto& stream = serve(client, user);
    client.send(frame(kData, 0, 1, "abc"));
    CHECK(user.contents == 1);
    CHECK(read_all(stream) == "abc");
    client.send(frame(kData, kEndStream, 1, "de"));
    CHECK(read_all(stream) == "de");
    CHECK(stream.look() == Stream::Seen::Nothing);
    stream.end_use(client.now);
  }
  SECTION("in the chunked coding, with trailers") {
    client.send(client.head(1, post(), false));
    User user;
    auto& stream = serve(client, user);
    CHECK(stream.head().ends_with("transfer-encoding: chunked\r\n\r\n"));
    client.send(frame(kData, 0, 1, "abc"));
    CHECK(read_all(stream) == "3\r\nabc\r\n");
    client.send(frame(kData, 0, 1, std::string(20, 'x')));
    client.send(frame(kHeaders, kEndHeaders | kEndStream, 1, client.block({{"x-t", "1"}})));
    CHECK(stream.look() == Stream::Seen::Content);
    CHECK(read_all(stream) == "14\r\n" + std::string(20, 'x') + "\r\n0\r\nx-t: 1\r\n\r\n");
    CHECK(read_all(stream).empty());
    stream.end_use(client.now);
  }
  SECTION("with trailers that are none") {
    client.send(client.head(1, post(), false));
    User user;
    auto& stream = serve(client, user);
    client.send(frame(kHeaders, kEndHeaders | kEndStream, 1, client.block({{"upgrade", "h2c"}})));
    CHECK(reset_of(client.read(), 1) == kProtocolError);
    stream.end_use(client.now);
  }
  SECTION("more than was said is an error of the stream") {
    client.send(client.head(1, post("/", {{"content-length", "2"}}), false));
    User user;
    auto& stream = serve(client, user);
    client.send(frame(kData, kEndStream, 1, "abc"));
    CHECK(reset_of(client.read(), 1) == kProtocolError);
    CHECK(stream.look() == Stream::Seen::Reset);
    stream.end_use(client.now);
  }
}

TEST_CASE("The windows open as far as content was read", "[lb][http2][rfc9113-5.2]") {
  Client client{{.stream_window = {65'535}, .connection_window = {131'072}}};
  client.begin();
  client.send(client.head(1, post(), false));
  User user;
  auto& stream = serve(client, user);
  const std::string piece(16'000, 'x');
  for (int i = 0; i < 4; ++i) client.send(frame(kData, 0, 1, piece));
  CHECK(client.read().empty());
  client.send(frame(kData, 0, 1, piece));  // beyond the window
  const auto refused = client.read();
  const bool stops = reset_of(refused, 1).has_value() || client.goaway().has_value();
  CHECK(stops);
  stream.end_use(client.now);

  Client other{{.stream_window = {65'535}, .connection_window = {131'072}}};
  other.begin();
  other.send(other.head(1, post(), false));
  auto& taken = serve(other, user);
  for (int i = 0; i < 4; ++i) other.send(frame(kData, 0, 1, piece));
  CHECK(read_all(taken).size() > 64'000);
  const auto frames = other.read();
  CHECK(std::any_of(frames.begin(), frames.end(),
                    [](const Frame& one) { return one.type == kWindowUpdate && one.stream == 1; }));
  other.send(frame(kData, 0, 1, piece));
  CHECK_FALSE(reset_of(other.read(), 1));
  taken.end_use(other.now);
}

TEST_CASE("What nobody reads gives the connection's window back", "[lb][http2]") {
  Client client{{.stream_window = {65'535}, .connection_window = {65'535}}};
  client.begin();
  const std::string piece(16'000, 'x');
  for (std::uint32_t id = 1; id < 41; id += 2) {
    client.send(client.head(id, post(), false));
    client.send(frame(kData, 0, id, piece));
    User user;
    auto& stream = serve(client, user);
    CHECK(write_all(stream, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"));
    stream.end_use(client.now);
    auto frames = client.read();
    CHECK(ends(frames, id));
    CHECK_FALSE(reset_of(frames, id));  // the rest may be on its way
    const auto answered = client.now;
    while (!reset_of(frames, id) && client.now < answered + seconds{10}) {
      client.now = client.session.next_deadline();
      client.session.on_deadline(client.now);
      frames = client.read();
    }
    CHECK(reset_of(frames, id) == kNoError);
    CHECK(client.now >= answered + Session::kLinger);
    REQUIRE_FALSE(client.goaway());
  }
  CHECK_FALSE(client.session.has_streams());
}

TEST_CASE("An answer waits for its client's window, up to a limit", "[lb][http2]") {
  Client client;
  client.begin();
  client.send(settings({{4, 10}}) + client.head(1, get()));
  client.read();
  User user;
  auto& stream = serve(client, user);
  CHECK(write_all(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"));
  const std::string content(100'000, 'x');
  std::string_view left{content};
  CHECK(stream.write(left));
  CHECK(content.size() - left.size() == LeavingContent::kMostHeld);
  CHECK(content_of(client.read(), 1).size() == 10);
  CHECK(user.rooms == 1);
  client.send(window_update(1, 20'000));
  CHECK(content_of(client.read(), 1).size() == 20'000);
  CHECK(stream.write(left));
  CHECK(content.size() - left.size() == LeavingContent::kMostHeld + 20'010);
  stream.abort();
  CHECK(reset_of(client.read(), 1) == kInternalError);
  stream.end_use(client.now);
}

TEST_CASE("An answer that is cut does not look whole", "[lb][http2]") {
  for (const char* begun : {"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    Client client;
    client.begin();
    client.send(client.head(1, get()));
    User user;
    auto& stream = serve(client, user);
    CHECK(write_all(stream, begun));
    stream.end_use(client.now);
    const auto frames = client.read();
    CHECK(reset_of(frames, 1) == kInternalError);
    CHECK_FALSE(ends(frames, 1));
    CHECK_FALSE(client.session.has_streams());
  }
}

TEST_CASE("A client that resets a stream is not answered", "[lb][http2]") {
  Client client;
  client.begin();
  client.send(client.head(1, get()));
  client.send(client.head(3, get()) + reset(3, kCancel));
  User user;
  auto& stream = serve(client, user);
  CHECK(client.session.next_request() == nullptr);  // nobody has begun with it
  client.send(reset(1, kCancel));
  CHECK(stream.look() == Stream::Seen::Reset);
  CHECK(user.contents == 1);
  CHECK_FALSE(write_all(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  stream.end_use(client.now);
  CHECK_FALSE(client.session.has_streams());
  CHECK(client.session.take_totals().resets == 2);
}

TEST_CASE("Security 31: What is no request resets its stream and no other",
          "[lb][http2][rfc9113-8.1.1]") {
  Client client;
  client.begin();
  auto bad = get();
  bad.emplace_back("connection", "close");
  client.send(client.head(1, bad));
  client.send(client.head(3, get("/", {{"host", "other"}})));
  client.send(client.head(5, get()));
  User user;
  auto& stream = serve(client, user);
  CHECK(stream.id() == 5);
  const auto frames = client.read();
  CHECK(reset_of(frames, 1) == kProtocolError);
  CHECK(reset_of(frames, 3) == kProtocolError);
  CHECK_FALSE(client.goaway());
  CHECK(client.session.take_totals().errors == 2);
  stream.end_use(client.now);
}

TEST_CASE("A head that is too large is to be refused, not dropped", "[lb][http2]") {
  Client client;
  client.begin();
  client.send(client.head(
      1, get("/", {{"x-a", std::string(8'500, 'x')}, {"x-b", std::string(8'500, 'x')}})));
  User user;
  auto& stream = serve(client, user);
  CHECK(stream.head().empty());
  CHECK(write_all(stream,
                  "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n"));
  stream.end_use(client.now);
  CHECK(fields_of(client.read(), 1).starts_with(":status: 431"));
}

TEST_CASE("Streams that are no more get nothing more", "[lb][http2][rfc9113-5.1]") {
  Client client;
  client.begin();
  User user;
  SECTION("when both sides had ended") {
    client.send(client.head(1, get()));
    auto& stream = serve(client, user);
    CHECK(write_all(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    stream.end_use(client.now);
    client.read();
    client.send(frame(kData, kEndStream, 1, "x"));
    client.read();
    CHECK(client.goaway() == kStreamClosed);
  }
  SECTION("when the client had reset it") {
    client.send(client.head(1, post(), false) + reset(1, kCancel));
    client.send(client.head(1, get()));
    client.read();
    CHECK(client.goaway() == kStreamClosed);
  }
  SECTION("when its number was passed over") {
    client.send(client.head(5, get()));
    client.send(client.head(3, get()));
    client.read();
    CHECK(client.goaway() == kProtocolError);
  }
  SECTION("but for what was on its way when we reset it") {
    client.send(client.head(1, get("/", {{"te", "gzip"}}), false));
    CHECK(reset_of(client.read(), 1) == kProtocolError);
    client.send(frame(kData, kEndStream, 1, "x") + frame(kPing, 0, 0, "12345678"));
    const auto frames = client.read();
    CHECK_FALSE(client.goaway());
    CHECK(std::any_of(frames.begin(), frames.end(),
                      [](const Frame& one) { return one.type == kPing; }));
  }
}

TEST_CASE("A stream cannot depend on itself, whatever priorities mean",
          "[lb][http2][rfc7540-5.3.1]") {
  Client client;
  client.begin();
  SECTION("by HEADERS") {
    client.send(
        frame(kHeaders, kEndHeaders | kEndStream | 0x20, 1, number(1) + "x" + client.block(get())));
    client.read();
    CHECK(client.goaway() == kProtocolError);
  }
  SECTION("by PRIORITY") {
    client.send(frame(kPriority, 0, 1, number(1) + "x"));
    client.read();
    CHECK(client.goaway() == kProtocolError);
  }
}

TEST_CASE("The connection has no priority", "[lb][http2][rfc9113-6.3]") {
  Client client;
  client.begin();
  client.send(frame(kPriority, 0, 0, number(3) + "x"));
  client.read();
  CHECK(client.goaway() == kProtocolError);
}

TEST_CASE("Streams have a limit, those included that are still served", "[lb][http2]") {
  Client client{{.max_concurrent_streams = 2}};
  client.begin();
  client.send(frame(kSettings, 1, 0));  // it knows
  std::vector<User> users(4);
  std::vector<Stream*> served;
  std::uint32_t id = 1;
  for (auto& user : users) {  // each reset at once, and none is finished with
    client.send(client.head(id, get()));
    served.push_back(&serve(client, user));
    client.send(reset(id, kCancel));
    id += 2;
  }
  client.send(client.head(id, get()));
  CHECK(client.session.next_request() == nullptr);
  CHECK(reset_of(client.read(), id) == kRefusedStream);
  CHECK(client.session.take_totals().refused == 1);
  for (auto* stream : served) stream->end_use(client.now);
  client.send(client.head(id + 2, get()));
  auto& last = serve(client, users[0]);
  last.end_use(client.now);
}

}  // namespace
}  // namespace lb::http2::test
