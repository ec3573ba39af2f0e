// Fuzz entry for the frames of an HTTP/2 client and what requests become of them. The first octet
// says how the others are split, and how far the answers get.
#include "common/contract.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/http2/session.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace lb;

struct Owner final : http2::SessionUser {
  void on_change() override {}
  std::array<char, 16> nonce() override { return {}; }
};

/// Reads what it is told of, then answers.
class Server final : http2::StreamUser {
 public:
  Server(http2::Stream& stream, unsigned way) : stream_{&stream}, way_{way} {
    stream.begin_use(*this);
    http1::ParsedRequest request;
    const auto head = http1::parse_request(stream.head(), {}, request);
    if (head && !stream.head().empty())
      common::expects(*head == stream.head().size(), "a request is one of HTTP/1.1, and no more");
    on_content();
  }
  void on_content() override {
    std::array<char, 64> space{};
    if (way_ % 2 == 0)
      while (stream_->read(space) > 0) continue;
  }
  void on_room() override {}
  void answer(common::TimePoint now) {
    constexpr std::array<std::string_view, 4> kAnswers{
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"};
    auto text = kAnswers[way_ % kAnswers.size()];
    stream_->write(text);
    stream_->end_use(now);
  }

 private:
  http2::Stream* stream_;
  unsigned way_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned way = data[0];
  auto octets = std::string{http2::kPreface} + std::string{"\0\0\0\4\0\0\0\0\0", 9};
  octets.append(data + 1, data + size);
  Owner owner;
  common::TimePoint now{std::chrono::hours{1}};
  constexpr std::size_t kMostStreams = 8;
  http2::Session session{owner, {.max_concurrent_streams = kMostStreams}, {}, {}, 1000, now};
  std::vector<std::unique_ptr<Server>> servers;
  std::vector<char> space(http2::Session::kLeastSpace);
  const std::size_t step = way < 128 ? octets.size() : 1 + way % 16;
  for (std::size_t at = 0; at < octets.size(); at += step) {
    session.receive(std::string_view{octets}.substr(at, step), now);
    while (auto* const stream = session.next_request())
      servers.push_back(std::make_unique<Server>(*stream, way / 2));
    common::expects(servers.size() <= http2::Session::kMostServed * kMostStreams,
                    "no more is served than may be");
    if (way % 3 == 0) {
      for (auto& server : servers) server->answer(now);
      servers.clear();
    }
    while (session.produce(space, now) > 0) continue;
    session.on_sent(true, now);
    if (session.next_deadline() < common::TimePoint::max() && way % 5 == 0) {
      now = session.next_deadline();
      session.on_deadline(now);
    }
  }
  session.on_gone();
  common::expects(session.is_over(), "who is gone has nothing more to say");
  for (auto& server : servers) server->answer(now);
  common::expects(!session.has_streams() || servers.empty(), "nobody is left");
  return 0;
}
