// Fuzz entry for the frames of an HTTP/2 endpoint and what answers become of them. The first octet
// says how the others are split, and how far the requests get.
#include "common/contract.hpp"
#include "lb/http1/chunked.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/http2/endpoint_session.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace lb;

struct Owner final : http2::EndpointSessionUser {
  void on_change() override {}
};

/// Asks, and reads what is answered as an exchange would: every head must be one of HTTP/1.1.
class Asker final : public http2::StreamUser {
 public:
  Asker(http2::EndpointSession& session, std::string_view request, http::Method method)
      : method_{method} {
    stream_ = &session.open(*this);
    stream_->write(request);
  }
  void on_content() override {
    std::array<char, 64> space{};
    while (stream_ != nullptr) {
      const auto count = stream_->read(space);
      if (count == 0) break;
      take({space.data(), count});
    }
  }
  void on_room() override {}
  void leave(common::TimePoint now) { std::exchange(stream_, nullptr)->end_use(now); }

 private:
  void take(std::string_view text) {
    if (whole_head_) {
      if (!decoder_ || decoder_->finished()) return;
      while (!text.empty() && !decoder_->finished()) {
        const auto step = decoder_->next(text);
        if (!step) return decoder_.reset();  // trailers beyond what is taken
        text.remove_prefix(step->consumed);
      }
      common::expects(text.empty(), "nothing stands behind the last chunk");
      return;
    }
    head_.append(text);
    while (!head_.empty() && !whole_head_) {
      http1::ParsedResponse answer;
      const auto size = http1::parse_response(head_, kLimits, method_, answer);
      if (!size) {  // as two lengths are: the exchange says so
        whole_head_ = true;
        return;
      }
      if (*size == 0) return;
      head_.erase(0, *size);
      if (answer.head.status / 100 == 1 && answer.head.status != 101) continue;
      whole_head_ = true;
      if (answer.body.kind == http1::BodyLength::Kind::Chunked) decoder_.emplace(kLimits);
      const auto rest = std::exchange(head_, {});
      if (!rest.empty()) take(rest);
    }
  }

  static constexpr http1::Limits kLimits{
      .field_line = 1U << 17U, .fields = 5000, .head = 1U << 18U};
  http2::EndpointStream* stream_{nullptr};
  http::Method method_;
  std::string head_;
  bool whole_head_{false};
  std::optional<http1::ChunkedDecoder> decoder_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned way = data[0];
  auto octets = std::string{"\0\0\6\4\0\0\0\0\0\0\10\0\0\0\1", 15};  // takes extended CONNECT
  octets.append(data + 1, data + size);
  constexpr std::size_t kFirst = 15;
  Owner owner;
  common::TimePoint now{std::chrono::hours{1}};
  http2::EndpointSession session{owner, {}, way % 2 == 0, now};
  std::vector<char> space(http2::EndpointSession::kLeastSpace);
  const auto say = [&] {
    while (session.produce(space, now) > 0) continue;
  };
  session.receive(std::string_view{octets}.substr(0, kFirst), now);
  std::vector<std::unique_ptr<Asker>> askers;
  using http::Method;
  for (const auto& [method, text] : std::vector<std::pair<Method, std::string_view>>{
           {Method::Get, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
           {Method::Post,
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"},
           {Method::Head, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"},
           {Method::Get,
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: "
            "websocket\r\nSec-WebSocket-Key: k\r\n\r\n"}})
    askers.push_back(std::make_unique<Asker>(session, text, method));
  if (way % 3 != 0) say();
  const std::size_t step = way < 128 ? octets.size() : 1 + way % 16;
  for (std::size_t at = kFirst; at < octets.size(); at += step) {
    session.receive(std::string_view{octets}.substr(at, step), now);
    say();
    if (way % 7 == 0 && askers.size() > 2) {
      askers.back()->leave(now);
      askers.pop_back();
    }
    if (session.next_deadline() < common::TimePoint::max() && way % 5 == 0) {
      now = session.next_deadline();
      session.on_deadline(now);
    }
  }
  if (way % 4 == 0) session.leave(now);
  if (way % 4 != 1) session.on_gone(now);
  for (auto& asker : askers) asker->leave(now);
  say();
  if (way % 4 == 1) session.on_gone(now);
  common::expects(!session.has_streams(), "nobody is left");
  return 0;
}
