#pragma once

#include "common/admin_layer.hpp"
#include "common/admin_listener.hpp"
#include "common/time.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace common {

/// One connection to an operator's door, in the clear or through a layer; what Boost.Beast calls a
/// stream. One operation at a time.
class AdminLink {
 public:
  using Stream = boost::beast::basic_stream<AdminProtocol>;
  using Socket = boost::asio::basic_stream_socket<AdminProtocol>;
  using executor_type = Stream::executor_type;

  /// In the clear without a layer.
  AdminLink(Socket socket, std::unique_ptr<AdminLayer> layer)
      : parts_{std::make_shared<Parts>(std::move(socket), std::move(layer))} {}

  executor_type get_executor() { return parts_->stream.get_executor(); }
  Socket& socket() { return parts_->stream.socket(); }
  /// What is under way after that long ends with an error.
  void expires_after(Clock::duration limit) {
    parts_->stream.expires_after(limit);
    parts_->until = Clock::now() + limit;
  }

  /// Error and 0; at once in the clear.
  template <class Token>
  auto async_shake_hands(Token&& token) {
    return initiate(std::forward<Token>(token), [](Parts& parts) {
      return parts.layer ? parts.layer->shake_hands() : AdminLayer::Step{};
    });
  }
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, Signature>(
        [this](auto handler, const Buffers& into) {
          if (!parts_->layer) return parts_->stream.async_read_some(into, std::move(handler));
          const auto space = first_of<boost::asio::mutable_buffer>(into);
          go_on(
              parts_, [space](Parts& parts) { return parts.layer->read(space); },
              std::move(handler));
        },
        token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, Signature>(
        [this](auto handler, const Buffers& from) {
          if (!parts_->layer) return parts_->stream.async_write_some(from, std::move(handler));
          // Together, so that a head and its content are one record.
          auto& octets = parts_->unsent;
          octets.resize(std::min(boost::asio::buffer_size(from), kMostAtOnce));
          boost::asio::buffer_copy(boost::asio::buffer(octets), from);
          go_on(
              parts_,
              [](Parts& parts) { return parts.layer->write(boost::asio::buffer(parts.unsent)); },
              std::move(handler));
        },
        token, buffers);
  }

  /// Says that nothing more comes; the other direction stays open.
  void finish_sending() {
    if (parts_->layer) parts_->layer->end();
    boost::system::error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
  }
  /// As `AdminLayer::peer`.
  std::string proved_peer() const { return parts_->layer ? parts_->layer->peer() : std::string{}; }

 private:
  using Signature = void(boost::system::error_code, std::size_t);
  static constexpr std::size_t kMostAtOnce = 16 * 1024;  // octets of a record of TLS

  /// Shared with the waits under way.
  struct Parts {
    Parts(Socket socket, std::unique_ptr<AdminLayer> own)
        : stream{std::move(socket)}, layer{std::move(own)}, timer{stream.get_executor()} {}
    Stream stream;
    std::unique_ptr<AdminLayer> layer;
    boost::asio::steady_timer timer;  // of what the layer waits for; the stream has its own
    TimePoint until{TimePoint::max()};
    std::string unsent;
  };

  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != end; ++it)
      if (Buffer{*it}.size() > 0) return Buffer{*it};
    return {};
  }
  template <class Token, class Ask>
  auto initiate(Token&& token, Ask ask) {
    return boost::asio::async_initiate<Token, Signature>(
        [this](auto handler, Ask asked) { go_on(parts_, asked, std::move(handler)); }, token, ask);
  }

  /// Asks the layer until it needs nothing of the socket any more.
  template <class Ask, class Handler>
  static void go_on(std::shared_ptr<Parts> parts, Ask ask, Handler handler) {
    const auto step = ask(*parts);
    auto& socket = parts->stream.socket();
    if (step.need == AdminLayer::Step::Need::Nothing) {
      boost::asio::post(socket.get_executor(),
                        [handler = std::move(handler), error = step.error,
                         count = step.count]() mutable { std::move(handler)(error, count); });
      return;
    }
    parts->timer.expires_at(parts->until);
    parts->timer.async_wait([parts](boost::system::error_code aborted) {
      boost::system::error_code ignored;
      if (!aborted && Clock::now() >= parts->until) parts->stream.socket().cancel(ignored);
    });
    const auto what =
        step.need == AdminLayer::Step::Need::Readable ? Socket::wait_read : Socket::wait_write;
    socket.async_wait(
        what, [parts, ask, handler = std::move(handler)](boost::system::error_code error) mutable {
          parts->timer.cancel();
          if (error) return std::move(handler)(error, 0);
          go_on(std::move(parts), ask, std::move(handler));
        });
  }

  std::shared_ptr<Parts> parts_;
};

}  // namespace common
