#include "lb/net/stream.hpp"

#include "lb/net/send.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace lb::net {

using boost::system::error_code;

Stream::~Stream() {
  close();
  Reader::dispose(reader_);
}

void Stream::send_at_once() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
}

void Stream::put_on(std::unique_ptr<Layer> layer) {
  layer_ = std::move(layer);
  if (reader_ != nullptr) reader_->put_on(layer_.get());
}

error_code Stream::try_write(Pieces& pieces) {
  if (layer_ != nullptr) return layer_->write(pieces);
  return send_now(socket_.native_handle(), pieces, ending_);
}

void Stream::will_end() {
  ending_ = true;
  if (layer_ != nullptr) layer_->will_end();
}

void Stream::make_non_blocking() {
  error_code ignored;
  if (!socket_.native_non_blocking()) socket_.native_non_blocking(true, ignored);
}

error_code Stream::fill(Pipe& pipe, std::uint64_t most) {
  constexpr std::uint64_t kMostAtOnce = 1U << 20U;  // more than a pipe takes
  const auto size = static_cast<std::size_t>(std::min(most, kMostAtOnce));
  ssize_t count = 0;
  do
    count = ::splice(socket_.native_handle(), nullptr, pipe.in_.number(), nullptr, size,
                     SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  while (count < 0 && errno == EINTR);
  if (count == 0) return asio::error::eof;
  if (count > 0) {
    pipe.held_ += static_cast<std::size_t>(count);
    return {};
  }
  return {errno, boost::system::system_category()};
}

error_code Stream::drain(Pipe& pipe) {
  while (pipe.held_ > 0) {
    const auto count = ::splice(pipe.out_.number(), nullptr, socket_.native_handle(), nullptr,
                                pipe.held_, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0)
      pipe.held_ -= static_cast<std::size_t>(count);
    else if (count == 0)  // cannot be, of a pipe that holds something
      return asio::error::broken_pipe;
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      return {};
    else if (errno != EINTR)
      return {errno, boost::system::system_category()};
  }
  return {};
}

bool Stream::is_quiet() {
  if (layer_ != nullptr) return !layer_->look();
  char octet = 0;
  const auto count = ::recv(socket_.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool Stream::has_unsent() {
  if (layer_ != nullptr && layer_->has_unsent()) return true;
  if (!has_socket()) return false;
  int octets = 0;
  return ::ioctl(socket_.native_handle(), TIOCOUTQ, &octets) == 0 && octets > 0;
}

void Stream::cancel() {
  if (!has_socket()) {
    if (reader_ != nullptr) reader_->abort();
    layer_->cancel_wait();
    return;
  }
  if (!socket_.is_open()) return;
  error_code ignored;
  socket_.cancel(ignored);
  if (reader_ != nullptr) reader_->on_cancel();
}

bool Stream::shutdown_send() {
  if (layer_ != nullptr) layer_->end();
  if (!has_socket()) return true;
  if (layer_ != nullptr && layer_->has_unsent()) return false;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  return true;
}

void Stream::close() {
  if (layer_ != nullptr && is_open()) layer_->end();
  // What waits for the end would be lost with it if the other side has sent something unread.
  if ((ending_ || layer_ != nullptr) && is_open() && has_socket())
    ::shutdown(socket_.native_handle(), SHUT_WR);
  disconnect();
}

void Stream::disconnect() {
  if (!has_socket()) {
    if (layer_closed_) return;
    layer_closed_ = true;
    if (reader_ != nullptr) reader_->abort();
    layer_->cancel_wait();
    layer_->on_closed();
    return;
  }
  error_code ignored;
  socket_.forget_copies();
  socket_.close(ignored);
  if (reader_ != nullptr) reader_->on_cancel();
}

void Stream::abort() {
  if (layer_ != nullptr) layer_->abort();
  error_code ignored;
  if (has_socket()) socket_.set_option(Socket::linger{true, 0}, ignored);
  disconnect();
}

asio::ip::tcp::endpoint to_asio(const common::SocketAddress& address) {
  if (address.ip.is_v4()) return {asio::ip::address_v4{address.ip.to_v4()}, address.port};
  return {asio::ip::address_v6{address.ip.octets()}, address.port};
}

common::SocketAddress from_asio(const asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v4()) return {common::IpAddress::v4(address.to_v4().to_uint()), endpoint.port()};
  return {common::IpAddress::v6(address.to_v6().to_bytes()), endpoint.port()};
}

}  // namespace lb::net
