#include "lb/http/status.hpp"
#include "lb/proxy/exchange.hpp"

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
  const auto& options = upstream_->options();
  endpoint_ = &endpoint;
  asked_at_ = Clock::now();
  connected_in_ = {};
  progress_.reached = false;
  progress_.endpoint_lost = false;
  endpoint.waiters.push_back(*this);
  if (!fresh_only_) {
    const common::Duration most_idle =
        may_repeat_ ? common::Duration{options.idle_timeout} : kWarmEnoughForUnsafe;
    connection_ = upstream_->take_idle(endpoint, asked_at_, most_idle);
  }
  fresh_only_ = false;
  if (!connection_ && co_await connect(endpoint)) {
    const auto expired = client_.watchdog.expired();
    if (expired == Wait::Total) co_return Trouble::TotalTimeout;
    co_return expired == Wait::Connect ? Trouble::ConnectTimeout : Trouble::NotConnected;
  }
  client_.watchdog.watch(&connection_->stream);

  net::Pieces request;
  request.add(head_.content());
  request.add(held_);
  const auto whole = request.total();
  auto error = connection_->stream.try_write(request);
  progress_.reached = !error || request.total() < whole;
  if (!progress_.reached) co_return Trouble::ConnectionDied;
  client_.watchdog.expect(Wait::FirstByte, Clock::now() + options.first_byte_timeout);
  while (!error && !request.empty()) {
    std::tie(error) = co_await connection_->stream.wait_writable();
    if (!error) error = connection_->stream.try_write(request);
  }
  // A failed write is not the end: the endpoint may have answered early and closed.
  if (plan_ == BodyPlan::Streamed) start_pump();
  if (refusal_) co_return Trouble::ClientGone;  // it ran at once; tell() knows the reason
  co_return co_await read_answer_head();
}

net::Awaitable<error_code> Exchange::connect(upstream::Endpoint& endpoint) {
  connection_ = std::make_unique<upstream::Connection>(
      worker_.executor, worker_.counters->active_upstream_connections);
  client_.watchdog.watch(&connection_->stream);
  client_.watchdog.expect(Wait::Connect, Clock::now() + upstream_->options().connect_timeout);
  auto [error] = co_await connection_->stream.socket().async_connect(endpoint.address, net::kToken);
  if (!error && progress_.endpoint_lost) error = net::asio::error::operation_aborted;
  if (error) co_return error;
  connection_->stream.make_non_blocking();
  connection_->stream.send_at_once();
  worker_.counters->upstream_connections.add();
  endpoint.counters->connections.add();
  connected_in_ = Clock::now() - asked_at_;
  endpoint.counters->connecting.add(connected_in_);
  co_return error;
}

net::Awaitable<Exchange::MaybeTrouble> Exchange::read_answer_head() {
  const auto& limits = site_->options.limits;
  if (!answer_) answer_ = worker_.buffers.take();
  answer_.clear();
  std::uint32_t interim = 0;
  while (true) {
    auto& stream = connection_->stream;
    net::ReadResult read;
    if (answer_.empty() && interim == 0)
      read = co_await stream.read_turn(answer_.space());
    else
      read = co_await stream.read_more(answer_.space());
    const auto [error, count] = read;
    if (error) co_return on_answer_ended();
    if (answer_.empty()) {
      unlink();  // from here on this endpoint's answer is the only one the client can get
      if (interim == 0) first_byte_at_ = Clock::now();
    }
    answer_.commit(count);
    while (!answer_.empty()) {
      const auto size =
          http1::parse_response(answer_.content(), limits.message, method_, worker_.response);
      if (!size) co_return Trouble::BadAnswer;
      if (*size == 0) break;
      const auto status = worker_.response.head.status;
      answer_.consume(*size);
      if (!http::is_interim(status)) co_return std::nullopt;
      // 100 was met here, 103 is not passed on; nobody asked to switch protocols.
      if (status == 101 || ++interim > limits.interim_answers) co_return Trouble::BadAnswer;
    }
    answer_.compact();
    if (answer_.space().empty()) co_return Trouble::BadAnswer;
  }
}

/// The connection ended, or the wait for it was ended, before the head of an answer was whole.
Exchange::MaybeTrouble Exchange::on_answer_ended() {
  if (refusal_) return Trouble::ClientGone;  // tell() knows the true reason
  switch (client_.watchdog.expired()) {
    case Wait::Nothing:
      break;
    case Wait::Total:
      return Trouble::TotalTimeout;
    default:
      return Trouble::AnswerTimeout;
  }
  return first_byte_at_ == common::TimePoint{} ? Trouble::ConnectionDied : Trouble::BadAnswer;
}

/// Only who may ask somebody else leaves: another's answer may still come from an endpoint that
/// merely failed its checks.
void Exchange::on_endpoint_lost() {
  if (progress_.reached && (!may_repeat_ || plan_ == BodyPlan::Streamed)) return;
  progress_.endpoint_lost = true;
  if (connection_) connection_->stream.cancel();
}

}  // namespace lb::proxy
