#include "lb/http/status.hpp"
#include "lb/net/peer.hpp"
#include "lb/proxy/exchange.hpp"
#include "lb/proxy/forwarded_head.hpp"
#include "lb/proxy/upgrade.hpp"
#include "lb/proxy_protocol/write.hpp"
#include "lb/upstream/secure.hpp"

namespace lb::proxy {

using boost::system::error_code;
using common::Clock;

namespace {

/// A request that must not be done twice takes a warm connection only this young: the endpoint is
/// then unlikely to be closing it just as we write.
constexpr auto kWarmEnoughForUnsafe = std::chrono::seconds{1};

}  // namespace

/// Asks one endpoint. No trouble: the head of its final answer stands in `worker_.response`.
net::Awaitable<Exchange::MaybeTrouble> Exchange::attempt(upstream::Endpoint& endpoint) {
  begin_attempt(endpoint);
  if (!connection_) {
    const auto error =
        upstream_->options().http2.enabled ? co_await join(endpoint) : co_await connect(endpoint);
    if (error) co_return on_not_connected(error);
  }
  client_.watchdog.watch(&connection_->stream);

  std::string header;
  // Over TLS it has been sent in front of the handshake.
  if (passes_client() && !upstream_->options().tls) header = proxy_header(*upstream_);
  net::Pieces request;
  request.add(header);
  request.add(head_.content());
  request.add(held_);
  request.add(replay_);
  const auto whole = request.total();
  auto error = connection_->stream.try_write(request);
  progress_.reached = !error || request.total() < whole;
  if (!progress_.reached) co_return Trouble::ConnectionDied;
  expect_first_byte(asked_at_ + connected_in_);
  while (!error && !request.empty()) {
    std::tie(error) = co_await connection_->stream.wait_writable();
    if (!error) error = connection_->stream.try_write(request);
  }
  // A failed write is not the end: the endpoint may have answered early and closed.
  if (body_begun_) {
    let_pump_go_on();
  } else if (plan_ == BodyPlan::Streamed && !awaits_go_ahead_) {
    if (const auto trouble = co_await begin_body()) co_return trouble;
  }

  // Not in a coroutine of its own, as every exchange comes here.
  answer_.clear();
  std::uint32_t interim = 0;
  while (true) {
    if (client_gone_) co_return Trouble::ClientGone;
    net::ReadResult read;
    if (answer_.empty() && interim == 0)
      read = co_await connection_->stream.read_turn(answer_, worker_.buffers);
    else
      read = co_await connection_->stream.read_more(answer_, worker_.buffers);
    const auto [failed, count] = read;
    if (failed && awaits_go_ahead_ && client_.watchdog.expired() == Wait::GoAhead) {
      // An endpoint that does not know the expectation waits for the content (RFC 9110 §10.1.1).
      if (const auto trouble = co_await begin_body()) co_return trouble;
      continue;
    }
    if (failed) co_return on_answer_ended();
    if (answer_.empty()) {
      Waiter::unlink();  // from here on this endpoint's answer is the only one the client can get
      if (interim == 0) first_byte_at_ = Clock::now();
    }
    answer_.commit(count);
    while (!answer_.empty()) {
      const auto size = http1::parse_response(answer_.content(), site_->options.limits.message,
                                              method_, worker_.response);
      if (!size) co_return Trouble::BadAnswer;
      if (*size == 0) break;
      const auto status = worker_.response.head.status;
      if (status == 101 && !is_asked_upgrade(worker_.response, upgrade_))
        co_return Trouble::BadAnswer;
      if (status == 101 || !http::is_interim(status)) {
        answer_.consume(*size);
        co_return std::nullopt;
      }
      if (++interim > site_->options.limits.interim_answers) co_return Trouble::BadAnswer;
      if (const auto trouble = co_await on_interim_answer()) co_return trouble;
      answer_.consume(*size);
    }
    answered_early_ = answered_early_ || (pump_running_ && !answer_.empty());
    answer_.compact();
    if (answer_.space().empty()) co_return Trouble::BadAnswer;
  }
}

bool Exchange::passes_client() const {
  return upstream_->options().proxy_protocol != proxy_protocol::Version::None;
}

/// `asked_at_` is now. Afterwards there is a warm connection, or one is to be made.
void Exchange::begin_attempt(upstream::Endpoint& endpoint) {
  endpoint_ = &endpoint;
  connected_in_ = {};
  progress_.reached = false;
  progress_.endpoint_lost = progress_.try_timed_out = false;
  answered_early_ = false;
  try_until_ = end_of_try(endpoint);
  endpoint.waiters.push_back(*this);
  if (upstream_->options().http2.enabled) {
    connection_ = upstream_->take_share(endpoint);
  } else if (!fresh_only_ && !passes_client()) {
    const common::Duration most_idle =
        may_repeat_ ? common::Duration{upstream_->options().idle_timeout} : kWarmEnoughForUnsafe;
    connection_ = upstream_->take_idle(endpoint, asked_at_, most_idle);
  }
  fresh_only_ = false;
}

Trouble Exchange::on_not_connected(const error_code& error) const {
  const auto expired = client_.watchdog.expired();
  if (client_gone_) return Trouble::ClientGone;
  if (expired == Wait::Total) return Trouble::TotalTimeout;
  const bool late = expired == Wait::Connect || expired == Wait::Try;
  return late || error == net::asio::error::timed_out ? Trouble::ConnectTimeout
                                                      : Trouble::NotConnected;
}

/// Whose request this is, in front of it.
std::string Exchange::proxy_header(const upstream::Upstream& upstream) {
  error_code unknown;
  auto& socket = client_.socket();
  const auto peer = net::end_of(socket.remote_endpoint(unknown));
  const auto here = net::end_of(socket.local_endpoint(unknown));
  common::SocketAddress client{origin_.address, 0};
  if (peer.ip == client.ip) client.port = peer.port;
  if (client_.address == client.ip && client_.port != 0) client.port = client_.port;
  return proxy_protocol::header_of(upstream.options().proxy_protocol, client, here);
}

void Exchange::expect_first_byte(common::TimePoint now) {
  if (awaits_go_ahead_)
    client_.watchdog.expect(Wait::GoAhead, now + site_->options.timeouts.go_ahead);
  else
    expect(Wait::FirstByte, now + first_byte_limit());
}

std::chrono::milliseconds Exchange::first_byte_limit() const {
  return bounds_->first_byte.count() > 0 ? bounds_->first_byte
                                         : upstream_->options().first_byte_timeout;
}

std::chrono::milliseconds Exchange::between_bytes_limit() const {
  return bounds_->between_bytes.count() > 0 ? bounds_->between_bytes
                                            : upstream_->options().between_bytes_timeout;
}

/// When this attempt is given up for the sake of another one; `max()` when none could follow it.
common::TimePoint Exchange::end_of_try(const upstream::Endpoint& endpoint) const {
  const auto limit = upstream_->options().retry.try_timeout;
  auto tried = tried_;
  tried.add(endpoint.index);
  const bool another = limit.count() > 0 && may_repeat_ && plan_ != BodyPlan::Streamed &&
                       progress_.attempts < most_attempts() &&
                       upstream_->has_untried(selector_, tried);
  return another ? asked_at_ + limit : common::TimePoint::max();
}

/// As the watchdog's, and no longer than this try may take.
void Exchange::expect(Wait what, common::TimePoint until) {
  if (try_until_ < until)
    client_.watchdog.expect(Wait::Try, try_until_);
  else
    client_.watchdog.expect(what, until);
}

net::Awaitable<error_code> Exchange::connect(upstream::Endpoint& endpoint) {
  connection_ = std::make_unique<upstream::Connection>(
      worker_.executor, worker_.counters->active_upstream_connections);
  client_.watchdog.watch(&connection_->stream);
  expect(Wait::Connect, Clock::now() + upstream_->options().connect_timeout);
  auto [error] = co_await connection_->stream.socket().async_connect(endpoint.address, net::kToken);
  if (!error && progress_.endpoint_lost) error = net::asio::error::operation_aborted;
  if (error) co_return error;
  connection_->stream.send_at_once();
  if (upstream_->options().tls) {
    error = co_await secure(*connection_, *upstream_, endpoint);
    if (!error && progress_.endpoint_lost) error = net::asio::error::operation_aborted;
    if (error) co_return error;
  }
  worker_.counters->upstream_connections.add();
  endpoint.counters->connections.add();
  connected_in_ = Clock::now() - asked_at_;
  endpoint.counters->connecting.add(connected_in_);
  co_return error;
}

/// A share in a connection of HTTP/2, which may have to be made first.
net::Awaitable<error_code> Exchange::join(upstream::Endpoint& endpoint) {
  connection_ = share(*upstream_, endpoint);
  client_.watchdog.watch(&connection_->stream);
  expect(Wait::Connect, Clock::now() + upstream_->options().connect_timeout);
  const auto error = co_await until_ready(*connection_);
  connected_in_ = Clock::now() - asked_at_;
  co_return error;
}

std::unique_ptr<upstream::Connection> Exchange::share(upstream::Upstream& upstream,
                                                      upstream::Endpoint& endpoint) {
  return upstream.share(endpoint, {.executor = worker_.executor,
                                   .input = worker_.buffers,
                                   .output = worker_.relay_buffers,
                                   .counters = worker_.counters.get()});
}

net::Awaitable<error_code> Exchange::until_ready(upstream::Connection& share) {
  error_code error;
  while (!error && !share.is_ready()) {
    std::tie(error) = co_await share.stream.wait_writable();
    if (!error) error = share.failure();
    if (progress_.endpoint_lost) error = net::asio::error::operation_aborted;
  }
  co_return error;
}

/// TLS on a connection just opened, with what stands in front of it.
net::Awaitable<error_code> Exchange::secure(upstream::Connection& connection,
                                            upstream::Upstream& upstream,
                                            upstream::Endpoint& endpoint) {
  std::string header;
  if (upstream.options().proxy_protocol != proxy_protocol::Version::None)
    header = proxy_header(upstream);
  net::Pieces pieces;
  pieces.add(header);
  auto error = connection.stream.try_write(pieces);
  if (!error && !pieces.empty()) error = net::asio::error::no_buffer_space;
  if (!error)
    error = co_await upstream::secure(connection, endpoint, upstream.options(),
                                      worker_.counters->upstream_tls);
  co_return error;
}

/// An answer 1xx stands in `worker_.response`. RFC 9110 §15.2: it is passed on, but not to
/// HTTP/1.0.
net::Awaitable<Exchange::MaybeTrouble> Exchange::on_interim_answer() {
  if (worker_.response.head.status == 100) {
    if (!awaits_go_ahead_) co_return std::nullopt;  // nobody waits for it, or not any more
    co_return co_await begin_body();
  }
  if (minor_version_ == 0) co_return std::nullopt;
  auto memory = worker_.buffers.take();
  http1::Writer out{memory.space()};
  write_interim_head(out, worker_.response);
  if (out.overflowed()) co_return Trouble::BadAnswer;
  memory.commit(out.size());
  net::Pieces pieces;
  pieces.add(memory.content());
  const auto trouble = co_await send(pieces);
  if (!trouble) expect_first_byte(Clock::now());
  co_return trouble;
}

/// The connection ended, or the wait for it was ended, before the head of an answer was whole.
Exchange::MaybeTrouble Exchange::on_answer_ended() {
  if (refusal_ || client_gone_) return Trouble::ClientGone;  // tell() knows the true reason
  switch (client_.watchdog.expired()) {
    case Wait::Nothing:
      break;
    case Wait::Total:
      return Trouble::TotalTimeout;
    case Wait::Try:
      progress_.try_timed_out = first_byte_at_ == common::TimePoint{};
      return Trouble::AnswerTimeout;
    default:
      return Trouble::AnswerTimeout;
  }
  if (first_byte_at_ != common::TimePoint{} || connection_->loss() == http2::Loss::Malformed)
    return Trouble::BadAnswer;
  if (connection_->loss() == http2::Loss::NotProcessed) progress_.reached = false;
  return Trouble::ConnectionDied;
}

/// Only who may ask somebody else leaves: another's answer may still come from an endpoint that
/// merely failed its checks.
void Exchange::on_endpoint_lost() {
  if (progress_.reached && (!may_repeat_ || body_begun_)) return;
  progress_.endpoint_lost = true;
  if (connection_) connection_->stream.cancel();
}

}  // namespace lb::proxy
