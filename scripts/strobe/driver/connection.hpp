#pragma once

#include "common/address.hpp"
#include "common/time.hpp"
#include "scripts/strobe/http/response_reader.hpp"
#include "scripts/strobe/measure/record.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <memory>
#include <string>

namespace strobe::driver {

/// What one attempt brought.
struct Answer {
  measure::Failure failure{measure::Failure::None};  // of the connection; the status is not judged
  unsigned status{0};
  std::string content{};
};

/// One TCP connection to the target, one request at a time. Shared, because its watchdog's handler
/// may still be queued when its user is through with it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(const boost::asio::any_io_executor& executor);

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
  void arm(common::TimePoint deadline);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer watchdog_;
  bool timed_out_{false};
  bool persists_{false};
  std::array<char, 16 * 1024> buffer_{};
};

}  // namespace strobe::driver
