#pragma once

#include "common/address.hpp"
#include "common/time.hpp"
#include "scripts/strobe/driver/tls.hpp"
#include "scripts/strobe/http/response_reader.hpp"
#include "scripts/strobe/measure/handshakes.hpp"
#include "scripts/strobe/measure/record.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace strobe::driver {

/// What one attempt brought.
struct Answer {
  measure::Failure failure{measure::Failure::None};  // of the connection; the status is not judged
  unsigned status{0};
  std::string content{};
  std::string reason{};                           // why TLS failed
  std::optional<measure::Handshake> handshake{};  // when this attempt made one
};

/// One connection to the target, one request at a time. Shared, because its watchdog's handler
/// may still be queued when its user is through with it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `tls`: null for one in the clear; it outlives the connection.
  Connection(const boost::asio::any_io_executor& executor, Tls* tls);

  /// Connects if need be, sends, reads the answer; all by the deadline.
  boost::asio::awaitable<Answer> exchange(common::SocketAddress target, std::string request,
                                          common::TimePoint deadline);
  /// Whether another request may be sent: the last answer allowed it and the server has not closed
  /// since.
  bool reusable();
  /// Lets the server close first, so that the TIME_WAIT state stays off this machine's ports.
  /// Static, so that the detached coroutine owns the connection from its first instant.
  static boost::asio::awaitable<void> leave(std::shared_ptr<Connection> connection);
  void close();

 private:
  boost::asio::awaitable<boost::system::error_code> transfer(common::SocketAddress target,
                                                             const std::string& request,
                                                             http::ResponseReader& reader);
  boost::asio::awaitable<boost::system::error_code> connect(common::SocketAddress target);
  boost::asio::awaitable<boost::system::error_code> shake_hands();
  template <class Stream>
  boost::asio::awaitable<boost::system::error_code> converse(Stream& stream,
                                                             const std::string& request,
                                                             http::ResponseReader& reader);
  Answer judge(const boost::system::error_code& error, const http::ResponseReader& reader);
  void arm(common::TimePoint deadline);

  Tls* tls_;
  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> private_;  // with tls_
  boost::asio::steady_timer watchdog_;
  std::optional<measure::Handshake> handshake_{};  // of the exchange that goes on
  bool timed_out_{false};
  bool persists_{false};
  std::array<char, 16 * 1024> buffer_{};
};

}  // namespace strobe::driver
