#include "lb/http2/session.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/lb/http2/client.hpp"

#include <algorithm>

namespace lb::http2::test {
namespace {

using std::chrono::seconds;

TEST_CASE("A tunnel carries octets both ways until each side ends", "[lb][http2][rfc8441]") {
  Client client;
  client.begin();
  client.send(client.head(1,
                          {{":method", "CONNECT"},
                           {":protocol", "websocket"},
                           {":scheme", "http"},
                           {":path", "/chat"},
                           {":authority", "shop.example"}},
                          false));
  User user;
  auto& stream = serve(client, user);
  CHECK(stream.head().find("upgrade: websocket\r\n") != std::string_view::npos);
  SECTION("once the endpoint has switched") {
    CHECK(write_all(stream,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: upgrade\r\nSec-WebSocket-Accept: x\r\nX-A: 1\r\n\r\nhello"));
    client.send(frame(kData, 0, 1, "hi"));
    CHECK(read_all(stream) == "hi");
    auto frames = client.read();
    CHECK(fields_of(frames, 1) == ":status: 200\nx-a: 1\n-\n");
    CHECK(content_of(frames, 1) == "hello");
    client.send(frame(kData, kEndStream, 1, "bye"));
    CHECK(read_all(stream) == "bye");
    CHECK(stream.look() == Stream::Seen::End);
    CHECK(write_all(stream, "last"));
    stream.end();
    frames = client.read();
    CHECK(content_of(frames, 1) == "last");
    CHECK(ends(frames, 1));
  }
  SECTION("and not when it has merely answered well") {
    CHECK(write_all(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    CHECK(fields_of(client.read(), 1).starts_with(":status: 502\n"));
  }
  stream.end_use(client.now);
}

TEST_CASE("A drain says so twice, and lets what has begun end", "[lb][http2][rfc9113-6.8]") {
  Client client;
  client.begin();
  client.send(client.head(1, get()));
  User user;
  auto& first = serve(client, user);
  client.session.drain(client.now);
  auto frames = client.read();
  REQUIRE(frames.size() == 2);
  const auto& notice = frames[0].type == kGoAway ? frames[0] : frames[1];
  const auto& ping = frames[0].type == kPing ? frames[0] : frames[1];
  CHECK(notice.payload == number(0x7FFFFFFF) + number(kNoError));
  client.send(client.head(3, get()));  // it did not know yet
  auto& second = serve(client, user);
  const bool by_time = GENERATE(false, true);
  CHECK(client.session.next_deadline() == client.now + Session::kNotice);
  if (by_time) {
    client.now += Session::kNotice;
    client.session.on_deadline(client.now);
  } else {
    client.send(frame(kPing, 1, 0, ping.payload));
  }
  frames = client.read();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].payload == number(3) + number(kNoError));
  client.send(client.head(5, get()));
  CHECK(client.session.next_request() == nullptr);
  CHECK_FALSE(client.session.is_over());
  for (auto* stream : {&first, &second}) {
    CHECK(write_all(*stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    stream->end_use(client.now);
  }
  CHECK(ends(client.read(), 3));
  CHECK(client.session.is_over());
  CHECK(client.session.ending() == Ending::Drained);
}

TEST_CASE("A connection drains with the last request it may carry", "[lb][http2]") {
  Client client{{}, {}, {}, 2};
  client.begin();
  client.send(client.head(1, get()));
  client.send(client.head(3, get()));
  const auto frames = client.read();
  CHECK(std::any_of(frames.begin(), frames.end(),
                    [](const Frame& one) { return one.type == kGoAway; }));
  CHECK(client.goaway() == kNoError);
}

TEST_CASE("Each wait for a client has its deadline", "[lb][http2]") {
  const Times times{.head = seconds{10}, .keep_alive = seconds{60}, .send = seconds{30}};
  Client client{{}, {}, times};
  const auto pass = [&client](common::Duration time) {
    client.now += time;
    client.session.on_deadline(client.now);
    client.read();
  };
  SECTION("for its first request") {
    client.begin();
    CHECK(client.session.next_deadline() == client.now + times.head);
    pass(times.head);
    CHECK(client.goaway() == kNoError);
    CHECK(client.session.ending() == Ending::Idle);
    CHECK(client.session.is_over());
  }
  SECTION("for the next one") {
    client.begin();
    client.send(client.head(1, get()));
    User user;
    auto& stream = serve(client, user);
    CHECK(client.session.next_deadline() == common::TimePoint::max());
    client.now += seconds{5};
    write_all(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    stream.end_use(client.now);
    client.read();
    CHECK(client.session.next_deadline() == client.now + times.keep_alive);
    pass(times.keep_alive);
    CHECK(client.session.ending() == Ending::Idle);
  }
  SECTION("for the end of a head, however its octets trickle") {
    client.begin();
    client.send(client.head(1, get()));
    User user;
    auto& stream = serve(client, user);
    const auto slow = client.head(3, get("/a/path/that/is/in/no/table"));
    client.send(slow.substr(0, 12));
    const auto until = client.session.next_deadline();
    CHECK(until == client.now + times.head);
    client.now += seconds{9};
    client.send(slow.substr(12, 1));
    CHECK(client.session.next_deadline() == until);
    pass(seconds{1});
    CHECK(client.session.ending() == Ending::HeadTimeout);
    CHECK(client.goaway() == error_code_of(Ending::HeadTimeout));
    stream.end_use(client.now);
  }
  SECTION("for octets to be taken") {
    client.begin();
    client.session.on_sent(false, client.now);
    client.now += seconds{29};
    client.session.on_sent(false, client.now);  // some were
    CHECK(client.session.next_deadline() <= client.now + times.send);
    client.send(client.head(1, get()));
    User user;
    auto& stream = serve(client, user);
    CHECK(client.session.next_deadline() == client.now + times.send);
    client.now += times.send;
    client.session.on_deadline(client.now);
    CHECK(client.session.ending() == Ending::SendTimeout);
    CHECK(client.session.is_over());
    client.session.on_gone();
    CHECK(stream.look() == Stream::Seen::Reset);
    stream.end_use(client.now);
  }
  SECTION("for a window that stays shut") {
    client.begin();
    client.send(settings({{4, 0}}) + client.head(1, get()));
    User user;
    auto& stream = serve(client, user);
    CHECK(write_all(stream, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
    stream.end_use(client.now);
    std::vector<Frame> frames = client.read();
    const auto begin = client.now;
    while (!reset_of(frames, 1) && client.now < begin + 2 * times.send) {
      REQUIRE(client.session.next_deadline() < common::TimePoint::max());
      client.now = client.session.next_deadline();
      client.session.on_deadline(client.now);
      frames = client.read();
    }
    CHECK(reset_of(frames, 1) == kCancel);
    CHECK(client.now >= begin + times.send);
    CHECK(client.now < begin + times.send + seconds{2});
    CHECK(client.session.take_totals().stalled == 1);
    CHECK_FALSE(client.session.has_streams());
  }
}

TEST_CASE("Security 27, 28, 29: Who floods is told to calm down", "[lb][http2][flood]") {
  struct Row {
    Ending why;
    std::string (*octets)(Client& client, std::uint32_t turn);
  };
  const auto row = GENERATE(
      Row{Ending::Resets,
          [](Client& client, std::uint32_t turn) {
            return client.head(2 * turn + 1, get()) + reset(2 * turn + 1, kCancel);
          }},
      Row{Ending::StreamErrors,
          [](Client& client, std::uint32_t turn) {
            return client.head(2 * turn + 1, get()) + window_update(2 * turn + 1, 0x7FFFFFFF);
          }},
      Row{Ending::EmptyFrames,
          [](Client& client, std::uint32_t turn) {
            return (turn == 0 ? client.head(1, post(), false) : "") + frame(kData, 0, 1);
          }},
      Row{Ending::EmptyFrames,
          [](Client& client, std::uint32_t turn) {
            return (turn == 0 ? client.head(1, post(), false) : "") +
                   frame(kData, 8, 1, std::string{"\x03\0\0\0", 4});  // padding alone
          }},
      Row{Ending::Settings,
          [](Client&, std::uint32_t) {
            return settings({{4, 65'535}});
          }},
      Row{Ending::Pings, [](Client&, std::uint32_t) { return frame(kPing, 0, 0, "12345678"); }},
      Row{Ending::Priorities,
          [](Client&, std::uint32_t) { return frame(kPriority, 0, 1, number(3) + "x"); }},
      Row{Ending::UnknownFrames, [](Client&, std::uint32_t) { return frame(0x70, 0, 0, "x"); }},
      Row{Ending::WindowUpdates, [](Client&, std::uint32_t) { return window_update(0, 1); }},
      Row{Ending::Continuations, [](Client& client, std::uint32_t turn) {
            return turn == 0 ? frame(kHeaders, 0, 1, client.block(get())) : frame(9, 0, 1);
          }});
  CAPTURE(label_of(row.why));
  Client client;
  client.begin();
  User user;
  std::vector<Stream*> served;
  std::size_t most = 0;
  std::uint32_t turn = 0;
  for (; turn < 5'000 && !client.session.is_over(); ++turn) {
    client.send(row.octets(client, turn));
    while (auto* const stream = client.session.next_request()) {
      stream->begin_use(user);
      served.push_back(stream);
    }
    most = std::max(most, served.size());
    client.read();
    if (row.why != Ending::EmptyFrames) {
      for (auto* stream : served) stream->end_use(client.now);
      served.clear();
    }
  }
  CHECK(client.session.is_over());
  CHECK(client.session.ending() == row.why);
  CHECK(client.goaway() == error_code_of(row.why));
  CHECK(most <= Session::kMostServed * Options{}.max_concurrent_streams);
  for (auto* stream : served) stream->end_use(client.now);
  client.session.on_gone();
}

TEST_CASE("As much in its time is no flood", "[lb][http2][flood]") {
  Client client;
  client.begin();
  for (int i = 0; i < 1'000; ++i) {
    client.now += seconds{1};
    client.send(frame(kPing, 0, 0, "12345678") + settings() +
                frame(kPriority, 0, 1, number(3) + "x"));
    client.read();
  }
  CHECK_FALSE(client.goaway());
}

TEST_CASE("Security 30: A head that unpacks to no end ends the connection", "[lb][http2][flood]") {
  Client client;
  client.begin();
  auto block = client.block(get());
  // A literal of 3,000 octets that is put into the table (RFC 7541 §6.2.1), then an octet for each
  // time that it is said again.
  block.append("\x40\x06x-bomb\x7F\xB9\x16").append(3'000, 'x');
  block.append(100, static_cast<char>(0x80 | 62));
  client.send(frame(kHeaders, kEndHeaders | kEndStream, 1, block));
  client.read();
  CHECK(client.goaway() == error_code_of(Ending::HeaderList));
  CHECK(client.session.ending() == Ending::HeaderList);
  CHECK(client.session.next_request() == nullptr);
}

TEST_CASE("What is no HTTP/2 ends the connection", "[lb][http2]") {
  for (const auto& octets :
       {std::string{"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"},
        std::string{kPreface} + frame(kPing, 0, 0, "12345678"),
        std::string{kPreface} + settings() + frame(kData, 0, 0, "x"),
        std::string{kPreface} + settings() + frame(kData, 0, 1, "x"),
        std::string{kPreface} + settings() + frame(kHeaders, kEndHeaders, 2, "\x82"),
        std::string{kPreface} + settings() + frame(5, kEndHeaders, 1, number(2)),
        std::string{kPreface} + settings() +
            frame(kHeaders, kEndHeaders, 1, "\xFF\xFF\xFF\xFF\xFF"),
        std::string{kPreface} + settings() + window_update(0, 0),
        std::string{kPreface} + settings() + frame(kHeaders, kEndStream, 1, "\x82") +
            frame(kContinuation, kEndHeaders, 1, std::string(16'385, '\x84'))}) {
    Client client;
    client.send(octets);
    client.read();
    CHECK(client.goaway().value_or(kNoError) != kNoError);
    CHECK(client.session.ending() == Ending::Protocol);
    CHECK(client.session.is_over());
  }
}

}  // namespace
}  // namespace lb::http2::test
