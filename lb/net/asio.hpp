#pragma once

#include "lb/memory/recycler.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace lb::net {

namespace asio = boost::asio;

/// The concrete executor everywhere on the hot path: `any_io_executor` costs a virtual call and a
/// reference count for every operation.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T = void>
using Awaitable = asio::awaitable<T, Executor>;

/// Errors as values; `deferred` instead of `use_awaitable`, which would allocate a coroutine frame
/// for every operation.
inline constexpr auto kToken = asio::as_tuple(asio::deferred);

}  // namespace lb::net

/// Frames of our coroutines are not Asio's to keep: see Recycler.
template <>
inline void* boost::asio::detail::awaitable_frame_base<lb::net::Executor>::operator new(
    std::size_t size) {
  return lb::memory::Recycler::take(size);
}
template <>
inline void boost::asio::detail::awaitable_frame_base<lb::net::Executor>::operator delete(
    void* memory, std::size_t size) {
  lb::memory::Recycler::give_back(memory, size);
}
