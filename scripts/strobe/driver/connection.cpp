#include "scripts/strobe/driver/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace strobe::driver {

namespace asio = boost::asio;
using boost::system::error_code;
using measure::Failure;

namespace {

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kLeaveTime{200};

asio::ip::tcp::endpoint endpoint_of(const common::SocketAddress& address) {
  if (address.ip.is_v4()) return {asio::ip::address_v4{address.ip.to_v4()}, address.port};
  return {asio::ip::address_v6{address.ip.octets()}, address.port};
}

Failure failure_of(const error_code& error) {
  if (!error) return Failure::None;
  if (error == asio::error::connection_refused) return Failure::Refused;
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe)
    return Failure::Reset;
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
    return Failure::Closed;
  if (error == asio::error::timed_out) return Failure::Timeout;
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable)
    return Failure::Unreachable;
  if (error.category() == asio::error::get_ssl_category())
    return is_distrust(error) ? Failure::Distrusted : Failure::Tls;
  return Failure::Other;
}

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, Tls* tls)
    : tls_{tls}, socket_{executor}, watchdog_{executor} {}

asio::awaitable<Answer> Connection::exchange(common::SocketAddress target, std::string request,
                                             common::TimePoint deadline) {
  const auto self = shared_from_this();
  http::ResponseReader reader;
  handshake_.reset();
  arm(deadline);
  const error_code error = co_await transfer(target, request, reader);
  watchdog_.cancel();
  const Answer answer = judge(error, reader);
  persists_ = answer.failure == Failure::None && reader.persists();
  if (answer.failure != Failure::None) close();
  co_return answer;
}

Answer Connection::judge(const error_code& error, const http::ResponseReader& reader) {
  Answer answer{.failure = failure_of(error), .status = reader.status(), .handshake = handshake_};
  if (timed_out_)
    answer.failure = Failure::Timeout;
  else if (!error && reader.bad())
    answer.failure = Failure::BadResponse;
  if (answer.handshake && !answer.handshake->done) {
    answer.handshake->failure =
        timed_out_ ? "no handshake in time" : reason_of(error, private_->native_handle());
    answer.reason = answer.handshake->failure;
  } else if (answer.failure == Failure::Tls) {  // TLS 1.3 may refuse us behind the handshake
    answer.reason = reason_of(error, private_->native_handle());
  }
  if (answer.failure == Failure::None) answer.content = reader.content();
  return answer;
}

asio::awaitable<error_code> Connection::transfer(common::SocketAddress target,
                                                 const std::string& request,
                                                 http::ResponseReader& reader) {
  error_code error;
  if (!socket_.is_open()) error = co_await connect(target);
  if (error) co_return error;
  if (private_)
    error = co_await converse(*private_, request, reader);
  else
    error = co_await converse(socket_, request, reader);
  co_return error;
}

asio::awaitable<error_code> Connection::connect(common::SocketAddress target) {
  auto [error] = co_await socket_.async_connect(endpoint_of(target), kToken);
  if (error) co_return error;
  error_code ignored;  // A connection that is slower than it could be is still one.
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  if (tls_ != nullptr) error = co_await shake_hands();
  co_return error;
}

asio::awaitable<error_code> Connection::shake_hands() {
  private_.emplace(socket_, tls_->context());
  tls_->prepare(private_->native_handle());
  handshake_.emplace();
  const auto begun = common::Clock::now();
  const auto [error] = co_await private_->async_handshake(asio::ssl::stream_base::client, kToken);
  handshake_->length = common::Clock::now() - begun;
  handshake_->done = !error;
  co_return error;
}

template <class Stream>
asio::awaitable<error_code> Connection::converse(Stream& stream, const std::string& request,
                                                 http::ResponseReader& reader) {
  if (const auto [error, count] = co_await asio::async_write(stream, asio::buffer(request), kToken);
      error)
    co_return error;
  while (!reader.done() && !reader.bad()) {
    const auto [error, count] = co_await stream.async_read_some(asio::buffer(buffer_), kToken);
    reader.feed({buffer_.data(), count});
    if (error == asio::error::eof) {
      // An answer cut short is a closed connection, not a peer that speaks something else.
      const bool was_bad = reader.bad();
      reader.feed_end();
      co_return reader.done() || was_bad ? error_code{} : error;
    }
    if (error) co_return error;
  }
  co_return error_code{};
}

bool Connection::reusable() {
  if (!persists_ || !socket_.is_open()) return false;
  error_code error;
  socket_.non_blocking(true, error);
  char octet = 0;
  socket_.receive(asio::buffer(&octet, 1), asio::socket_base::message_peek, error);
  return error == asio::error::would_block;
}

asio::awaitable<void> Connection::leave(std::shared_ptr<Connection> connection) {
  connection->arm(common::Clock::now() + kLeaveTime);
  // RFC 8446 §6.1: each side says that it has said all.
  if (connection->private_) co_await connection->private_->async_shutdown(kToken);
  co_await connection->socket_.async_read_some(asio::buffer(connection->buffer_), kToken);
  connection->watchdog_.cancel();
  connection->close();
}

void Connection::close() {
  error_code ignored;
  socket_.close(ignored);
}

void Connection::arm(common::TimePoint deadline) {
  timed_out_ = false;
  watchdog_.expires_at(deadline);
  watchdog_.async_wait([self = shared_from_this()](const error_code& error) {
    // An expiry that was queued before it could be cancelled finds the deadline moved or cleared.
    if (error || self->watchdog_.expiry() > common::Clock::now()) return;
    self->timed_out_ = true;
    self->close();
  });
}

}  // namespace strobe::driver
