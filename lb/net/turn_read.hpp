#pragma once

#include "lb/net/asio.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detail/bind_handler.hpp>
#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/detail/fenced_block.hpp>
#include <boost/asio/detail/handler_alloc_helpers.hpp>
#include <boost/asio/detail/handler_work.hpp>
#include <boost/asio/detail/reactor_op.hpp>
#include <boost/asio/detail/socket_ops.hpp>

#include <utility>

namespace lb::net {

/// The read operation of Asio's reactor but for one rule: a read that does not fill its buffer
/// means that the socket is drained, so the next one waits for the kernel's word instead of asking
/// it in vain first. Where messages take turns that spares one system call in three.
///
/// What it must not be used for: a socket that may already hold its end behind the octets just
/// read, as its end is then told together with them and never again. See `Stream::read_turn`.
template <class Handler, class IoExecutor>
class TurnReadOperation : public boost::asio::detail::reactor_op {
  using Operation = boost::asio::detail::operation;

 public:
  BOOST_ASIO_DEFINE_HANDLER_PTR(TurnReadOperation);

  TurnReadOperation(int socket, boost::asio::mutable_buffer space, Handler& handler,
                    const IoExecutor& executor)
      : reactor_op{boost::system::error_code{}, &TurnReadOperation::do_perform,
                   &TurnReadOperation::do_complete},
        socket_{socket},
        space_{space},
        handler_{std::move(handler)},
        work_{handler_, executor} {}

 private:
  static status do_perform(reactor_op* base) {
    auto* self = static_cast<TurnReadOperation*>(base);
    const bool ended = boost::asio::detail::socket_ops::non_blocking_recv1(
        self->socket_, self->space_.data(), self->space_.size(), 0, true, self->ec_,
        self->bytes_transferred_);
    if (!ended) return not_done;
    return self->bytes_transferred_ < self->space_.size() ? done_and_exhausted : done;
  }

  static void do_complete(void* owner, Operation* base, const boost::system::error_code&,
                          std::size_t) {
    auto* self = static_cast<TurnReadOperation*>(base);
    ptr memory = {&self->handler_, self, self};
    boost::asio::detail::handler_work<Handler, IoExecutor> work{std::move(self->work_)};
    boost::asio::detail::binder2<Handler, boost::system::error_code, std::size_t> bound{
        self->handler_, self->ec_, self->bytes_transferred_};
    memory.h = &bound.handler_;
    memory.reset();
    if (owner == nullptr) return;
    boost::asio::detail::fenced_block block{boost::asio::detail::fenced_block::half};
    work.complete(bound, bound.handler_);
  }

  int socket_;
  boost::asio::mutable_buffer space_;
  Handler handler_;
  boost::asio::detail::handler_work<Handler, IoExecutor> work_;
};

/// A socket that can also read in turns.
class TurnSocket : public Socket {
 public:
  using Socket::Socket;
  explicit TurnSocket(Socket&& socket) : Socket{std::move(socket)} {}

  /// As `async_read_some`, by TurnReadOperation.
  auto async_read_turn(asio::mutable_buffer space) {
    using Signature = void(boost::system::error_code, std::size_t);
    return asio::async_initiate<decltype(kToken), Signature>(
        [this](auto handler, asio::mutable_buffer into) {
          using Handler = decltype(handler);
          using Operation = TurnReadOperation<Handler, Executor>;
          auto& reactor = asio::use_service<asio::detail::epoll_reactor>(get_executor().context());
          auto& data = impl_.get_implementation().reactor_data_;
          typename Operation::ptr memory = {&handler, Operation::ptr::allocate(handler), nullptr};
          memory.p = new (memory.v) Operation{native_handle(), into, handler, get_executor()};
          reactor.start_op(asio::detail::epoll_reactor::read_op, native_handle(), data, memory.p,
                           false, true);
          memory.v = memory.p = nullptr;
        },
        kToken, space);
  }
};

}  // namespace lb::net
