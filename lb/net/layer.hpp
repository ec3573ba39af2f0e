#pragma once

#include "lb/net/asio.hpp"
#include "lb/net/pieces.hpp"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace lb::net {

class Reader;

/// What somebody who watches a stream, without reading it, sees.
enum class Seen : std::uint8_t { Octets, End };

/// What stands between a stream and its socket, as TLS does; or in place of a socket, as when many
/// streams share one. Asked, it does what can be done at once and says when nothing can. Belongs to
/// its stream.
class Layer {
 public:
  struct Got {
    boost::system::error_code error;  // `would_block`: nothing has arrived, `eof`: nothing will
    std::size_t count{0};
    bool drained{false};  // there is no more until the socket tells so
  };

  virtual ~Layer() = default;

  /// Whether waiting is for the stream's socket to do. A layer without one calls `on_readable()`
  /// and `on_writable()`.
  virtual bool has_socket() const { return true; }
  virtual Got read(std::span<char> space) = 0;
  /// What the next read would find, leaving it there; nothing when that is nothing.
  virtual std::optional<Seen> look() = 0;
  /// Whether octets are held that the socket has told of already.
  virtual bool is_holding() const = 0;
  /// Sends what goes at once; pieces may be left. Those must then be offered again, as they are.
  virtual boost::system::error_code write(Pieces& pieces) = 0;
  virtual bool has_unsent() const { return false; }
  /// Whether what is sent may be given to the socket as it is: the kernel does the layer's part.
  virtual bool sends_plain() const { return false; }
  /// What is written next is the last, and may wait for the `end()` that follows at once.
  virtual void will_end() {}
  /// No more will be written: says so in the layer's own way. Called again, does nothing, unless it
  /// `has_unsent()`, which stands before.
  virtual void end() = 0;
  /// The other side must not take what it got for whole.
  virtual void abort() {}
  /// The stream is gone, for layers without a socket.
  virtual void on_closed() {}

  /// For `wait_writable` of a stream without a socket. One wait at a time.
  template <class Handler>
  void wait_writable(Handler&& handler) {
    cancelled_ = false;
    auto& timer = writable();
    timer.expires_at(Timer::time_point::max());
    timer.async_wait([this, h = std::forward<Handler>(handler)](boost::system::error_code) mutable {
      std::move(h)(std::exchange(cancelled_, false)
                       ? boost::system::error_code{asio::error::operation_aborted}
                       : boost::system::error_code{});
    });
  }
  void cancel_wait() {
    if (has_socket()) return;
    cancelled_ = true;
    writable().cancel();
  }

 protected:
  /// There is something to be read, or the end.
  void on_readable();
  void on_writable() { writable().cancel(); }
  /// The timer that a wait stands on, of a layer without a socket.
  virtual Timer& writable();

 private:
  friend class Reader;
  Reader* waiting_{nullptr};  // for `on_readable`
  bool cancelled_{false};
};

}  // namespace lb::net
