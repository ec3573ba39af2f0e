#pragma once

#include "common/address.hpp"
#include "common/contract.hpp"
#include "lb/net/asio.hpp"
#include "lb/net/layer.hpp"
#include "lb/net/pieces.hpp"
#include "lb/net/pipe.hpp"
#include "lb/net/reader.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <tuple>

namespace lb::net {

/// An error, or how many octets were read.
using ReadResult = std::tuple<boost::system::error_code, std::size_t>;

/// A connected stream of octets: TCP, or whatever a layer makes of it, behind this same face.
class Stream {
 public:
  explicit Stream(const Executor& executor) : socket_{executor} {}
  explicit Stream(Socket&& socket) : socket_{std::move(socket)} {}
  /// One whose layer needs no socket.
  Stream(const Executor& executor, std::unique_ptr<Layer> layer)
      : socket_{executor}, layer_{std::move(layer)} {}
  /// Only before the first read or watch.
  Stream(Stream&& other) noexcept
      : socket_{std::move(other.socket_)}, layer_{std::move(other.layer_)} {
    common::expects(other.reader_ == nullptr, "a stream that is read from stays where it is");
  }
  Stream& operator=(Stream&&) = delete;
  ~Stream();

  Socket& socket() { return socket_; }
  bool is_open() const { return has_socket() ? socket_.is_open() : !layer_closed_; }
  /// From here on the octets of the socket are the layer's, while nothing is being read.
  void put_on(std::unique_ptr<Layer> layer);
  /// Null on plain TCP.
  Layer* layer() { return layer_.get(); }
  /// Whether content can be moved past this process, as `fill` does.
  bool is_plain() const { return layer_ == nullptr; }
  /// As `drain` does.
  bool sends_plain() const { return is_plain() || layer_->sends_plain(); }
  /// Small writes leave at once. After connect; what a listener accepts does so already.
  void send_at_once();

  // One read at a time. A read ends a watch.

  /// The first read of a message from a side that speaks next only after it has heard from us. It
  /// waits for the kernel's word without asking first, which spares one system call in three where
  /// messages take turns. Must not be used to read on: whoever needs more calls `read_more`, as an
  /// end that came together with the octets just read is never told again. `buffer` gets its memory
  /// when there is something to be put into it. `is_new`: the connection was accepted in this very
  /// turn of the loop, so that the kernel has told nobody anything of it yet.
  auto read_turn(Buffer& buffer, BufferPool& pool, bool is_new = false) {
    return asio::async_initiate<decltype(kToken), ReadSignature>(
        [this, is_new](auto handler, Buffer* into, BufferPool* from) {
          if (is_new)
            reader().read_first(std::move(handler), *into, *from);
          else
            reader().read(std::move(handler), *into, *from, false);
        },
        kToken, &buffer, &pool);
  }
  /// As `read_more`, into memory that the buffer gets when there is something to be put into it.
  auto read_more(Buffer& buffer, BufferPool& pool) {
    return asio::async_initiate<decltype(kToken), ReadSignature>(
        [this](auto handler, Buffer* into, BufferPool* from) {
          reader().read(std::move(handler), *into, *from, true);
        },
        kToken, &buffer, &pool);
  }
  /// The next octets, whatever was read before and however. Others get their turn between two reads
  /// even if there are always more.
  auto read_more(std::span<char> space) {
    return asio::async_initiate<decltype(kToken), ReadSignature>(
        [this](auto handler, std::span<char> into) { reader().read(std::move(handler), into); },
        kToken, space);
  }
  /// Tells `owner` once that there is something to read or that the other side has ended, until a
  /// read begins. What precedes it in the same packet as the last octets read may go untold.
  void watch(void* owner, Reader::OnEvent on_event) { reader().watch(owner, on_event); }
  void stop_watching() {
    if (reader_ != nullptr) reader_->stop_watching();
  }

  /// Waits until `fill` may find something, after it has found nothing.
  auto wait_readable() {
    return asio::async_initiate<decltype(kToken), ReadSignature>(
        [this](auto handler) { reader().wait(std::move(handler)); }, kToken);
  }
  /// Moves up to `most` octets that have arrived into `pipe`, which is empty; `would_block` when
  /// there are none, `eof` when there will be no more. Of both streams `make_non_blocking` first.
  boost::system::error_code fill(Pipe& pipe, std::uint64_t most);
  /// Sends of what `pipe` holds what the kernel takes at once. What is left needs `wait_writable()`
  /// first.
  boost::system::error_code drain(Pipe& pipe);
  void make_non_blocking();

  auto wait_writable() {
    return asio::async_initiate<decltype(kToken), void(boost::system::error_code)>(
        [this](auto handler) {
          if (has_socket())
            socket_.async_wait(Socket::wait_write, std::move(handler));
          else
            layer_->wait_writable(std::move(handler));
        },
        kToken);
  }
  /// Sends what the kernel takes at once. Pieces that are left (`!pieces.empty()`) need
  /// `wait_writable()` first.
  boost::system::error_code try_write(Pieces& pieces);
  /// What is written next is the last, and `close` or `shutdown_send` follows at once: one packet
  /// tells of both.
  void will_end();

  /// Whether nothing has arrived and the other side has not closed: fit to carry a new request.
  bool is_quiet();
  /// Whether some of what was written has not reached the other side's kernel.
  bool has_unsent();
  /// Wakes whoever waits for this stream, with `operation_aborted`. A watch ends untold.
  void cancel();
  /// Says that no more will be sent; reading goes on. False when something is before that: then
  /// `wait_writable()` and again.
  bool shutdown_send();
  void close();
  /// The other side gets a reset: what it has received cannot be taken for whole.
  void abort();

 private:
  using ReadSignature = void(boost::system::error_code, std::size_t);

  Reader& reader() {
    if (reader_ == nullptr) reader_ = new Reader{socket_, layer_.get()};
    return *reader_;
  }
  void disconnect();
  bool has_socket() const { return layer_ == nullptr || layer_->has_socket(); }

  ReactorSocket socket_;
  std::unique_ptr<Layer> layer_;
  Reader* reader_{nullptr};  // see Reader for when it goes
  bool layer_closed_{false};
  bool ending_{false};  // what was written last waits for the end
};

asio::ip::tcp::endpoint to_asio(const common::SocketAddress& address);
common::SocketAddress from_asio(const asio::ip::tcp::endpoint& endpoint);

}  // namespace lb::net
