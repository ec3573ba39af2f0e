#include "lb/net/stream.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace lb::net {

using boost::system::error_code;

void Pieces::consume(std::size_t octets) {
  total_ -= octets;
  while (octets > 0) {
    auto& piece = pieces_[first_];
    const auto taken = std::min(octets, piece.size());
    piece += taken;
    octets -= taken;
    if (piece.size() == 0) ++first_;
  }
}

Stream::~Stream() {
  close();
  Reader::dispose(reader_);
}

void Stream::make_non_blocking() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
}

void Stream::send_at_once() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
}

error_code Stream::try_write(Pieces& pieces) {
  while (!pieces.empty()) {
    error_code error;
    const auto sent = socket_.write_some(pieces.buffers(), error);
    pieces.consume(sent);
    if (error == asio::error::would_block) return {};
    if (error) return error;
  }
  return {};
}

bool Stream::is_quiet() {
  char octet = 0;
  const auto count = ::recv(socket_.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Stream::cancel() {
  if (!socket_.is_open()) return;
  error_code ignored;
  socket_.cancel(ignored);
  if (reader_ != nullptr) reader_->on_cancel();
}

void Stream::shutdown_send() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
  error_code ignored;
  socket_.close(ignored);
  if (reader_ != nullptr) reader_->on_cancel();
}

void Stream::abort() {
  error_code ignored;
  socket_.set_option(Socket::linger{true, 0}, ignored);
  close();
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
