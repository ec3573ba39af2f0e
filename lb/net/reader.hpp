#pragma once

#include "lb/memory/recycler.hpp"
#include "lb/net/asio.hpp"
#include "lb/net/buffer.hpp"
#include "lb/net/layer.hpp"

#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

namespace lb::net {

/// A socket that shows how Asio's reactor knows it.
class ReactorSocket : public Socket {
 public:
  using Socket::Socket;
  explicit ReactorSocket(Socket&& socket) : Socket{std::move(socket)} {}

  auto& reactor() {
    return asio::use_service<asio::detail::epoll_reactor>(get_executor().context());
  }
  auto& reactor_data() { return impl_.get_implementation().reactor_data_; }
  /// Asio takes a socket that it has not made itself for one that others may hold, too, and would
  /// take it out of the epoll set with a call before it is closed. A close does that.
  void forget_copies() {
    auto& state = impl_.get_implementation().state_;
    state &= static_cast<unsigned char>(~asio::detail::socket_ops::possible_dup);
  }
};

/// The one operation that waits for octets of a socket: a reactor operation of Asio that is never
/// allocated anew, and that may stay where it is while its purpose changes. To watch whether the
/// other side leaves costs neither a system call nor another place in the reactor, as the next read
/// takes the place of the watch.
///
/// On the heap, as it may outlive its stream for as long as the reactor holds it.
class Reader final : public asio::detail::reactor_op, public memory::Recycled {
 public:
  /// What a watch saw.
  using Event = Seen;
  using OnEvent = void (*)(void* owner, Event event);

  Reader(ReactorSocket& socket, Layer* layer);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Reads into `space`, asking the kernel before its word is waited for.
  template <class Handler>
  void read(Handler&& handler, std::span<char> space) {
    store(std::forward<Handler>(handler));
    memory_ = space.data();
    size_ = space.size();
    buffer_ = nullptr;
    begin_reading(Purpose::Read, true);
  }
  /// Reads into `buffer`; if it has no memory it gets some of `pool` once there is something to be
  /// put there: who waits holds none.
  template <class Handler>
  void read(Handler&& handler, Buffer& buffer, BufferPool& pool, bool ask_first) {
    store(std::forward<Handler>(handler));
    buffer_ = &buffer;
    pool_ = &pool;
    begin_reading(Purpose::Read, ask_first);
  }
  /// As that, of a socket that the reactor has only just got: it has told nobody anything yet.
  template <class Handler>
  void read_first(Handler&& handler, Buffer& buffer, BufferPool& pool) {
    just_asked_ = true;
    read(std::forward<Handler>(handler), buffer, pool, false);
  }
  /// Waits until there is something to be read, without reading it. For who has asked the kernel
  /// already.
  template <class Handler>
  void wait(Handler&& handler) {
    store(std::forward<Handler>(handler));
    begin_reading(Purpose::Ready, false);
  }
  /// Tells `owner` once that there are octets or that the other side has ended. A read ends it.
  void watch(void* owner, OnEvent on_event);
  void stop_watching();
  /// All operations of the socket have been, or are being, cancelled.
  void on_cancel() { returning_ = queued_; }

  /// Reads through `layer` from here on.
  void put_on(Layer* layer) { layer_ = layer; }
  /// Without a socket: ends what is waited for, with `operation_aborted`.
  void abort();
  /// Without a socket: there is something to be read, or the end.
  void on_readable();

  /// Ends the life of a reader whose socket is closed.
  static void dispose(Reader* reader);

 private:
  enum class Purpose : std::uint8_t { None, Watch, Read, Ready };
  using Resume = void (*)(void* handler, bool call, const boost::system::error_code& error,
                          std::size_t count);
  static constexpr std::size_t kHandlerSize = 16;

  ~Reader() = default;

  template <class Handler>
  void store(Handler&& handler) {
    using Stored = std::decay_t<Handler>;
    static_assert(sizeof(Stored) <= kHandlerSize);
    static_assert(alignof(Stored) <= alignof(void*));
    ::new (static_cast<void*>(handler_)) Stored(std::forward<Handler>(handler));
    resume_ = [](void* memory, bool call, const boost::system::error_code& error,
                 std::size_t count) {
      auto* stored = std::launder(static_cast<Stored*>(memory));
      Stored taken(std::move(*stored));
      stored->~Stored();
      if (call) std::move(taken)(error, count);
    };
  }
  void begin_reading(Purpose purpose, bool ask_first);
  void begin(bool ask_first);
  void begin_without_socket();
  bool is_holding() const { return layer_ != nullptr && layer_->is_holding(); }
  void return_now();
  void leave_layer();
  status try_now();
  status read_now();
  status read_layer(std::span<char> space);
  status look_now();
  void on_complete(bool alive);
  static status do_perform(reactor_op* base);
  static void do_complete(void* owner, asio::detail::operation* base,
                          const boost::system::error_code&, std::size_t);

  ReactorSocket* socket_;
  Layer* layer_;
  asio::detail::epoll_reactor& reactor_;
  union {  // of a watch, of a read into a buffer, of one into memory
    void* owner_{nullptr};
    BufferPool* pool_;
    char* memory_;
  };
  union {
    OnEvent on_event_{nullptr};
    Resume resume_;
  };
  std::size_t size_{0};  // of the memory
  Buffer* buffer_{nullptr};
  alignas(void*) std::byte handler_[kHandlerSize];
  Purpose purpose_{Purpose::None};
  Event event_{Event::Octets};
  bool queued_{false};     // the reactor, the scheduler or the layer holds it
  bool in_layer_{false};   // it is the layer
  bool returning_{false};  // it is on its way back from there
  bool again_{false};      // what it is for has changed on that way
  bool ask_first_{false};
  bool just_asked_{false};
  bool disposed_{false};
};

}  // namespace lb::net
