#pragma once

#include "common/time.hpp"
#include "lb/http2/stream.hpp"
#include "lb/memory/recycler.hpp"
#include "lb/net/layer.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace lb::upstream {

/// A stream of HTTP/2 (`http2::Stream`, `http2::EndpointStream`) as one of octets of HTTP/1.1.
template <class HttpStream>
class StreamLayer : public net::Layer, public http2::StreamUser, public memory::Recycled {
 public:
  explicit StreamLayer(const net::Executor& executor) : timer_{executor} {}
  ~StreamLayer() override { StreamLayer::on_closed(); }

  bool has_socket() const override { return false; }
  Got read(std::span<char> space) override {
    if (stream_ == nullptr) return {net::asio::error::connection_reset, 0};
    if (const auto count = stream_->read(space); count > 0) return {{}, count};
    switch (stream_->look()) {
      case Seen::Nothing:
      case Seen::Content:
        return {net::asio::error::would_block, 0};
      case Seen::End:
        return {net::asio::error::eof, 0};
      default:
        return {net::asio::error::connection_reset, 0};
    }
  }
  std::optional<net::Seen> look() override {
    const auto seen = stream_ != nullptr ? stream_->look() : Seen::End;
    if (seen == Seen::Nothing) return std::nullopt;
    return seen == Seen::Content ? net::Seen::Octets : net::Seen::End;
  }
  bool is_holding() const override { return false; }
  boost::system::error_code write(net::Pieces& pieces) override {
    while (!pieces.empty()) {
      if (stream_ == nullptr) return net::asio::error::broken_pipe;
      const auto piece = pieces.vectors().front();
      std::string_view octets{static_cast<const char*>(piece.iov_base), piece.iov_len};
      const bool taken = stream_->write(octets);
      pieces.consume(piece.iov_len - octets.size());
      if (!taken) return net::asio::error::broken_pipe;
      if (!octets.empty()) return {};
    }
    return {};
  }
  void end() override {
    if (stream_ != nullptr) stream_->end();
  }
  void abort() override {
    if (stream_ != nullptr) stream_->abort();
  }
  void on_closed() override {
    if (auto* const stream = std::exchange(stream_, nullptr)) stream->end_use(common::Clock::now());
  }
  void on_content() override { on_readable(); }
  void on_room() override { on_writable(); }

 protected:
  /// Before anything else; the stream has this for its user.
  void take(HttpStream& stream) { stream_ = &stream; }
  /// Null when its use has ended.
  const HttpStream* stream() const { return stream_; }

 private:
  using Seen = typename HttpStream::Seen;

  net::Timer& writable() override { return timer_; }

  HttpStream* stream_{nullptr};
  net::Timer timer_;
};

}  // namespace lb::upstream
