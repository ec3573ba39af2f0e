#include "lb/proxy/exchange.hpp"
#include "lb/proxy/forwarded_head.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace lb::proxy {

using common::Clock;

namespace {

/// After one side has said that it sends no more, the other is not waited for as long as a tunnel.
constexpr auto kHalfClosed = std::chrono::seconds{60};

}  // namespace

/// An answer 101 that was asked for stands in `worker_.response`: from here on both connections
/// carry octets that mean nothing to us (RFC 9110 §7.8). Until now all that the client has sent was
/// HTTP; what it sent ahead goes to the endpoint now.
net::Awaitable<Exchange::MaybeTrouble> Exchange::run_tunnel() {
  head_.clear();
  http1::Writer out{head_.space()};
  write_switching_head(out, worker_.response, worker_.date);
  if (out.overflowed()) co_return Trouble::BadAnswer;
  head_.commit(out.size());
  status_ = worker_.response.head.status;
  answer_began_ = true;
  cut_by_reset_ = true;
  persistent_ = false;
  client_.stream.stop_watching();
  client_.watchdog.limit_total(common::TimePoint::max());

  net::Pieces pieces;
  pieces.add(head_.content());
  if (const auto trouble = co_await send(pieces)) co_return trouble;
  head_.release();

  request_done_ = false;
  expect_tunnel();
  pump_running_ = true;
  pump_told_.emplace(worker_.executor, common::TimePoint::max());
  net::asio::co_spawn(worker_.executor, tunnel_to_endpoint(), net::asio::detached);
  const bool whole = co_await pass_on(connection_->stream, client_.stream, answer_, sent_);
  while (whole && pump_running_) co_await pump_told_->async_wait(net::kToken);
  if (client_.watchdog.expired() != Wait::Nothing) co_return Trouble::TunnelTimeout;
  cut_by_reset_ = !whole;
  if (!whole || !request_done_) co_return Trouble::ClientGone;
  co_return std::nullopt;
}

net::Awaitable<> Exchange::tunnel_to_endpoint() {
  request_done_ =
      co_await pass_on(client_.stream, connection_->stream, client_.input, body_passed_);
  pump_running_ = false;
  pump_told_->cancel();
}

/// One direction, to its end, which is passed on, too. False when either connection broke or
/// nothing was said for too long; the other direction then ends as well.
net::Awaitable<bool> Exchange::pass_on(net::Stream& from, net::Stream& to, net::Buffer& held,
                                       std::uint64_t& passed) {
  boost::system::error_code error;
  while (!error) {
    net::Pieces pieces;
    pieces.add(held.content());
    passed += held.size();
    error = to.try_write(pieces);
    while (!error && !pieces.empty()) {
      std::tie(error) = co_await to.wait_writable();
      if (!error) error = to.try_write(pieces);
    }
    if (error) break;
    held.clear();
    held.release();  // a silent tunnel holds no memory
    std::size_t count = 0;
    std::tie(error, count) = co_await from.read_more(held, worker_.buffers);
    if (error == net::asio::error::eof) {
      error = {};
      while (!error && !to.shutdown_send()) std::tie(error) = co_await to.wait_writable();
      if (error) break;
      tunnel_half_closed_ = true;
      expect_tunnel();
      co_return true;
    }
    if (error) break;
    held.commit(count);
    expect_tunnel();
  }
  from.cancel();
  to.cancel();
  co_return false;
}

void Exchange::expect_tunnel() {
  const auto& idle = bounds_->tunnel;
  client_.watchdog.expect(
      Wait::Tunnel,
      Clock::now() + (tunnel_half_closed_ ? std::min<common::Duration>(idle, kHalfClosed) : idle));
}

}  // namespace lb::proxy
