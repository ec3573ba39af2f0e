#pragma once

#include "common/address.hpp"
#include "lb/net/asio.hpp"
#include "lb/net/turn_read.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <span>
#include <string_view>
#include <tuple>

namespace lb::net {

/// A few pieces of memory that are sent as one.
class Pieces {
 public:
  static constexpr std::size_t kMost = 16;

  void add(std::string_view piece) {
    if (!piece.empty()) pieces_[count_++] = asio::const_buffer{piece.data(), piece.size()};
    total_ += piece.size();
  }
  bool full() const { return count_ == kMost; }
  std::size_t total() const { return total_; }
  bool empty() const { return total_ == 0; }
  std::span<const asio::const_buffer> buffers() const {
    return {pieces_.data() + first_, count_ - first_};
  }
  void consume(std::size_t octets);

 private:
  std::array<asio::const_buffer, kMost> pieces_{};
  std::size_t first_{0};
  std::size_t count_{0};
  std::size_t total_{0};
};

/// An error, or how many octets were read.
using ReadResult = std::tuple<boost::system::error_code, std::size_t>;

/// A connected stream of octets; today TCP, tomorrow TLS too, behind this same face.
class Stream {
 public:
  explicit Stream(Executor executor) : socket_{executor} {}
  explicit Stream(Socket&& socket) : socket_{std::move(socket)} {}

  Socket& socket() { return socket_; }
  bool is_open() const { return socket_.is_open(); }
  /// Calls never block. After accept, and after connect.
  void make_non_blocking();
  /// Small writes leave at once. After connect; what a listener accepts does so already.
  void send_at_once();

  auto read_some(std::span<char> space) {
    return socket_.async_read_some(asio::buffer(space.data(), space.size()), kToken);
  }
  /// The first read of a message from a side that speaks next only after it has heard from us. Must
  /// not be used to read on: whoever needs more calls `read_more`.
  auto read_turn(std::span<char> space) {
    return socket_.async_read_turn(asio::buffer(space.data(), space.size()));
  }
  /// The next octets, whatever was read before and however.
  Awaitable<ReadResult> read_more(std::span<char> space);
  /// Waits until there is something to read, without memory to read it into.
  auto wait_readable() { return socket_.async_wait(Socket::wait_read, kToken); }
  auto wait_writable() { return socket_.async_wait(Socket::wait_write, kToken); }
  /// Sends what the kernel takes at once. Pieces that are left (`!pieces.empty()`) need
  /// `wait_writable()` first.
  boost::system::error_code try_write(Pieces& pieces);

  /// Whether nothing has arrived and the other side has not closed: fit to carry a new request.
  bool is_quiet();
  /// Wakes whoever waits for this stream, with `operation_aborted`.
  void cancel();
  /// Says that no more will be sent; reading goes on.
  void shutdown_send();
  void close();
  /// The other side gets a reset: what it has received cannot be taken for whole.
  void abort();

 private:
  TurnSocket socket_;
};

asio::ip::tcp::endpoint to_asio(const common::SocketAddress& address);
common::SocketAddress from_asio(const asio::ip::tcp::endpoint& endpoint);

}  // namespace lb::net
