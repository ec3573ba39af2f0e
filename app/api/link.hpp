#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace booking::api {

/// A connection's octets both ways, in the clear or over TLS; what Boost.Beast calls a stream.
class Link {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;

  /// Over TLS when there is a context, which it does not need afterwards.
  Link(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls)
      : tcp_{std::move(socket)} {
    if (tls != nullptr) tls_.emplace(tcp_, *tls);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  executor_type get_executor() { return tcp_.get_executor(); }
  boost::asio::ip::tcp::socket& socket() { return tcp_.socket(); }
  /// What is under way after that long ends with beast::error::timeout, and so does the link.
  void expires_after(std::chrono::milliseconds limit) { tcp_.expires_after(limit); }
  /// At once, and without a word of TLS.
  void close() { tcp_.close(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return tcp_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return tcp_.async_write_some(buffers, std::forward<Token>(token));
  }

  /// The TLS of it, or null.
  SSL* tls() { return tls_ ? tls_->native_handle() : nullptr; }
  /// Of TLS only: the handshake, client's certificate verified.
  boost::asio::awaitable<boost::beast::error_code> shake_hands() {
    const auto [error] =
        co_await tls_->async_handshake(boost::asio::ssl::stream_base::server, kToken);
    co_return error;
  }
  /// Says that nothing more comes, on each layer; the other direction stays open below TLS.
  boost::asio::awaitable<boost::beast::error_code> finish_sending() {
    // It also waits for the client's own close_notify, or for whatever else it says instead.
    if (tls_) co_await tls_->async_shutdown(kToken);
    boost::beast::error_code error;
    tcp_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
    co_return error;
  }
  /// What comes after that, as it is on the wire.
  boost::beast::tcp_stream& below() { return tcp_; }

 private:
  static constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

  boost::beast::tcp_stream tcp_;
  std::optional<boost::beast::ssl_stream<boost::beast::tcp_stream&>> tls_;
};

}  // namespace booking::api
