#include "tests/support/catch.hpp"
#include "tests/unit/lb/http2/endpoint.hpp"

#include <optional>

namespace lb::http2::test {
namespace {

TEST_CASE("Requests beyond what the endpoint takes wait, first come first served",
          "[lb][http2][rfc9113-5.1.2]") {
  Endpoint endpoint;
  endpoint.begin({{kMaxConcurrentStreams, 2}});
  User user;
  std::vector<EndpointStream*> streams;
  for (const auto* path : {"/1", "/2", "/3", "/4"}) {
    CHECK(endpoint.session.has_room() == (streams.size() < 2));
    streams.push_back(&endpoint.session.open(user));
    CHECK(write_all(*streams.back(), get_text(path)));
  }
  auto frames = endpoint.read();
  CHECK(ends(frames, 1));
  CHECK(ends(frames, 3));
  CHECK_FALSE(ends(frames, 5));
  streams[2]->end_use(endpoint.now);  // has left while it waited: the endpoint never hears of it
  endpoint.send(endpoint.head(1, answer()));
  frames = endpoint.read();
  CHECK(fields_of(frames, 5).find(":path: /4\n") != std::string::npos);
  CHECK_FALSE(reset_of(frames, 5));
  for (auto* const stream : {streams[0], streams[1], streams[3]}) stream->end_use(endpoint.now);
  frames = endpoint.read();
  CHECK(reset_of(frames, 3) == kCancel);
  CHECK(reset_of(frames, 5) == kCancel);
  CHECK_FALSE(endpoint.session.has_streams());
}

TEST_CASE("What a GOAWAY leaves out may be asked elsewhere, what it covers goes on",
          "[lb][http2][rfc9113-6.8]") {
  Endpoint endpoint;
  endpoint.begin({{kMaxConcurrentStreams, 2}});
  User user;
  auto& covered = endpoint.session.open(user);
  auto& left_out = endpoint.session.open(user);
  auto& waiting = endpoint.session.open(user);
  for (auto* const stream : {&covered, &left_out, &waiting}) CHECK(write_all(*stream, get_text()));
  endpoint.read();
  endpoint.send(frame(kGoAway, 0, 0, number(1) + number(kNoError)));
  CHECK(covered.loss() == Loss::None);
  CHECK(left_out.loss() == Loss::NotProcessed);
  CHECK(waiting.loss() == Loss::NotProcessed);
  CHECK_FALSE(endpoint.session.is_open());
  left_out.end_use(endpoint.now);
  waiting.end_use(endpoint.now);
  CHECK_FALSE(endpoint.session.is_over());
  endpoint.send(endpoint.head(1, answer()));
  CHECK(read_all(covered) == "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n");
  covered.end_use(endpoint.now);
  endpoint.read();
  CHECK(endpoint.session.is_over());
}

TEST_CASE("A reset says whether the request was looked at", "[lb][http2][rfc9113-8.7]") {
  struct Row {
    std::uint32_t code;
    std::optional<FieldList> before;
    bool ended;
    Loss loss;
  };
  for (const auto& row : {Row{kRefusedStream, std::nullopt, false, Loss::NotProcessed},
                          Row{kRefusedStream, answer(), false, Loss::Died},
                          Row{kCancel, std::nullopt, false, Loss::Died},
                          Row{kInternalError, std::nullopt, false, Loss::Died},
                          Row{kNoError, std::nullopt, false, Loss::Died},
                          Row{kNoError, answer(), true, Loss::None}}) {
    CAPTURE(row.code, row.ended);
    Endpoint endpoint;
    endpoint.begin();
    User user;
    auto& stream = endpoint.session.open(user);
    CHECK(write_all(stream, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"));
    endpoint.read();
    if (row.before) endpoint.send(endpoint.head(1, *row.before, row.ended));
    endpoint.send(reset(1, row.code));
    CHECK(stream.loss() == row.loss);
    // RFC 9113 §8.1: an answer that does not want the rest of the request is whole all the same.
    if (row.ended) CHECK(read_all(stream) == "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n");
    CHECK_FALSE(write_all(stream, "def"));
    stream.end_use(endpoint.now);
    CHECK_FALSE(endpoint.session.has_streams());
    CHECK(endpoint.session.is_open());
  }
}

TEST_CASE("The end of a connection is the end of its requests", "[lb][http2]") {
  Endpoint endpoint;
  endpoint.begin();
  User user;
  auto& sent = endpoint.session.open(user);
  CHECK(write_all(sent, get_text()));
  endpoint.read();
  auto& written = endpoint.session.open(user);
  CHECK(write_all(written, get_text()));
  endpoint.session.on_gone(endpoint.now);
  CHECK(sent.loss() == Loss::Died);
  CHECK(written.loss() == Loss::NotProcessed);
  sent.end_use(endpoint.now);
  written.end_use(endpoint.now);
  CHECK(endpoint.session.is_over());
  CHECK_FALSE(endpoint.session.has_streams());
}

TEST_CASE("Who leaves before his request has gone is not heard of", "[lb][http2]") {
  Endpoint endpoint;
  endpoint.begin();
  User user;
  auto& gone = endpoint.session.open(user);
  auto& stays = endpoint.session.open(user);
  CHECK(write_all(gone, get_text("/1")));
  CHECK(write_all(stays, get_text("/3")));
  gone.end_use(endpoint.now);
  const auto frames = endpoint.read();
  CHECK(fields_of(frames, 1).empty());
  CHECK_FALSE(reset_of(frames, 1));
  CHECK(ends(frames, 3));
  CHECK(endpoint.session.streams() == 1);
  stays.end_use(endpoint.now);
}

TEST_CASE("Who leaves takes nobody along", "[lb][http2]") {
  Endpoint endpoint;
  endpoint.begin();
  User user;
  auto& gone = endpoint.session.open(user);
  auto& stays = endpoint.session.open(user);
  CHECK(write_all(gone, get_text()));
  CHECK(write_all(stays, get_text()));
  endpoint.read();
  gone.end_use(endpoint.now);
  const auto frames = endpoint.read();
  CHECK(reset_of(frames, 1) == kCancel);
  CHECK_FALSE(reset_of(frames, 3));
  CHECK(endpoint.session.take_totals().cancelled == 1);
  // What was on its way to it does not count against the others.
  const std::string much(16'000, 'x');
  endpoint.send(endpoint.head(3, answer(), false));
  std::size_t told = 0;
  for (int i = 0; i < 200; ++i) {
    endpoint.send(frame(kData, 0, 1, much));
    for (const auto& one : endpoint.read()) told += one.type == kWindowUpdate ? 1 : 0;
  }
  CHECK(told > 0);
  CHECK_FALSE(endpoint.goaway());
  endpoint.send(frame(kData, kEndStream, 3, "x"));
  CHECK(read_all(stays).ends_with("1\r\nx\r\n0\r\n\r\n"));
  stays.end_use(endpoint.now);
}

TEST_CASE("A client that takes nothing stops its own answer alone", "[lb][http2][rfc9113-5.2]") {
  Endpoint endpoint{{.stream_window = common::Bytes{64U << 10U}}};
  endpoint.begin();
  User user;
  std::vector<EndpointStream*> streams;
  for (int i = 0; i < 40; ++i) {
    streams.push_back(&endpoint.session.open(user));
    CHECK(write_all(*streams.back(), get_text()));
  }
  endpoint.read();
  // Each but the last sends as much as its window takes: together more than the connection's.
  std::size_t allowed = 0;
  for (std::uint32_t id = 1; id < 79; id += 2) {
    endpoint.send(endpoint.head(id, answer(), false));
    for (int i = 0; i < 4; ++i) endpoint.send(frame(kData, 0, id, std::string(16U << 10U, 'x')));
    for (const auto& one : endpoint.read()) {
      CHECK((one.type != kWindowUpdate || one.stream == 0));
      allowed += one.type == kWindowUpdate ? 1 : 0;
    }
  }
  CHECK(allowed > 0);
  endpoint.send(endpoint.head(79, answer(), false) + frame(kData, kEndStream, 79, "fast"));
  CHECK(read_all(*streams.back()).ends_with("4\r\nfast\r\n0\r\n\r\n"));
  CHECK_FALSE(endpoint.goaway());
  // Beyond its window it is wrong.
  endpoint.send(frame(kData, 0, 1, "x"));
  endpoint.read();
  CHECK(streams.front()->loss() == Loss::Malformed);
  for (auto* const stream : streams) stream->end_use(endpoint.now);
}

TEST_CASE("A request waits for the endpoint's window, in bounded memory", "[lb][http2]") {
  Endpoint endpoint;
  endpoint.begin();
  User user;
  auto& stream = endpoint.session.open(user);
  const std::string content(1U << 20U, 'x');
  CHECK(write_all(stream, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n"));
  std::string_view left{content};
  CHECK(stream.write(left));
  CHECK(content.size() - left.size() == LeavingContent::kMostHeld);
  std::size_t sent = 0;
  int rounds = 0;
  while (sent < content.size() && rounds++ < 1000) {
    const auto rooms = user.rooms;
    const auto size = content_of(endpoint.read(), 1).size();
    sent += size;
    if (size > 0) CHECK((user.rooms > rooms || left.empty()));
    if (size > 0)
      endpoint.send(window_update(0, static_cast<std::uint32_t>(size)) +
                    window_update(1, static_cast<std::uint32_t>(size)));
    stream.write(left);
  }
  CHECK(sent == content.size());
  stream.end_use(endpoint.now);
}

TEST_CASE("WebSocket is asked for by an extended CONNECT where the endpoint takes it",
          "[lb][http2][rfc8441]") {
  constexpr std::string_view kAsked =
      "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  User user;
  SECTION("it does") {
    Endpoint endpoint;
    endpoint.begin({{kEnableConnect, 1}});
    auto& stream = endpoint.session.open(user);
    CHECK(write_all(stream, kAsked));
    auto frames = endpoint.read();
    CHECK(fields_of(frames, 1) ==
          ":method: CONNECT\n:protocol: websocket\n:scheme: http\n:authority: h\n:path: /chat\n"
          "sec-websocket-version: 13\n-\n");
    CHECK_FALSE(ends(frames, 1));
    endpoint.send(endpoint.head(1, answer(), false) + frame(kData, 0, 1, "hello"));
    CHECK(read_all(stream) ==
          "HTTP/1.1 101 \r\nconnection: upgrade\r\nupgrade: websocket\r\n"
          "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello");
    CHECK(write_all(stream, "back"));
    stream.end();
    frames = endpoint.read();
    CHECK(content_of(frames, 1) == "back");
    CHECK(ends(frames, 1));
    endpoint.send(frame(kData, kEndStream, 1, ""));
    CHECK(stream.look() == EndpointStream::Seen::End);
    stream.end_use(endpoint.now);
    CHECK_FALSE(endpoint.session.has_streams());
  }
  SECTION("it refuses") {
    Endpoint endpoint;
    endpoint.begin({{kEnableConnect, 1}});
    auto& stream = endpoint.session.open(user);
    CHECK(write_all(stream, kAsked));
    endpoint.read();
    endpoint.send(endpoint.head(1, answer("403")));
    CHECK(read_all(stream) == "HTTP/1.1 403 \r\ncontent-length: 0\r\n\r\n");
    stream.end_use(endpoint.now);
  }
  SECTION("it does not know of it") {
    Endpoint endpoint;
    endpoint.begin();
    auto& stream = endpoint.session.open(user);
    CHECK(write_all(stream, kAsked));
    const auto frames = endpoint.read();
    CHECK(fields_of(frames, 1).starts_with(":method: GET\n"));
    CHECK(ends(frames, 1));
    stream.end_use(endpoint.now);
  }
}

TEST_CASE("An endpoint that floods, or speaks no HTTP/2, is left", "[lb][http2]") {
  const auto many = [](std::size_t count, const std::string& one) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += one;
    return out;
  };
  struct Row {
    const char* what;
    std::string octets;
    Ending ending;
  };
  Coder coder;
  // `:status: 200`, a large field into the table, and that again by an octet each time.
  const auto bomb = frame(kHeaders, kEndHeaders, 1,
                          std::string{"\x88\x40\x01"
                                      "a\x7f\xd1\x0e"} +
                              std::string(2000, 'x') + std::string(400, '\xbe'));
  for (const auto& row :
       {Row{"SETTINGS", many(100, settings()), Ending::Settings},
        Row{"PING", many(1000, frame(kPing, 0, 0, "12345678")), Ending::Pings},
        Row{"empty DATA", many(200, frame(kData, 0, 1)), Ending::EmptyFrames},
        Row{"CONTINUATION", frame(kHeaders, 0, 1) + many(20, frame(kContinuation, 0, 1)),
            Ending::Continuations},
        Row{"PRIORITY", many(2000, frame(kPriority, 0, 1, number(0) + "x")), Ending::Priorities},
        Row{"unknown frames", many(200, frame(99, 0, 0)), Ending::UnknownFrames},
        Row{"WINDOW_UPDATE", many(2000, window_update(0, 1)), Ending::WindowUpdates},
        Row{"a bomb of HPACK", bomb, Ending::HeaderList},
        Row{"a push", frame(5, kEndHeaders, 1, number(2) + "\x88"), Ending::Protocol},
        Row{"DATA of a stream that never was", frame(kData, 0, 9, "x"), Ending::Protocol},
        Row{"an answer nobody asked for", coder.head(9, answer()), Ending::Protocol},
        Row{"a frame too large", frame(kData, 0, 1, std::string(16'385, 'x')), Ending::Protocol},
        Row{"HTTP/1.1", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            Ending::Protocol}}) {
    CAPTURE(row.what);
    Endpoint endpoint;
    endpoint.begin();
    User user;
    auto& stream = endpoint.session.open(user);
    CHECK(write_all(stream, get_text()));
    endpoint.read();
    endpoint.send(row.octets);
    endpoint.read();
    CHECK(endpoint.goaway());
    CHECK(endpoint.session.ending() == row.ending);
    CHECK(endpoint.session.is_over());
    endpoint.session.on_gone(endpoint.now);
    CHECK(stream.loss() != Loss::None);
    stream.end_use(endpoint.now);
  }
}

TEST_CASE("A connection that is to end takes nothing new and ends with its last request",
          "[lb][http2]") {
  Endpoint endpoint;
  endpoint.begin();
  User user;
  auto& stream = endpoint.session.open(user);
  CHECK(write_all(stream, get_text()));
  endpoint.read();
  endpoint.session.leave(endpoint.now);
  CHECK_FALSE(endpoint.session.is_open());
  CHECK_FALSE(endpoint.session.is_over());
  endpoint.send(endpoint.head(1, answer()));
  CHECK_FALSE(read_all(stream).empty());
  stream.end_use(endpoint.now);
  endpoint.read();
  CHECK(endpoint.goaway() == kNoError);
  CHECK(endpoint.session.is_over());
  CHECK(endpoint.session.ending() == Ending::Drained);
}

}  // namespace
}  // namespace lb::http2::test
