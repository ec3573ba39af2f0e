#include "lb/http1/trailers.hpp"
#include "lb/proxy/exchange.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <tuple>

namespace lb::proxy {

using common::Clock;

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

net::Awaitable<Exchange::MaybeTrouble> Exchange::ask_to_continue() {
  expects_continue_ = awaits_go_ahead_ = false;
  net::Pieces pieces;
  pieces.add(kContinue);
  co_return co_await send(pieces);
}

/// Reads a small counted body to its end. It stays where it arrived if it is all there already.
net::Awaitable<Exchange::MaybeTrouble> Exchange::hold_body() {
  const auto size = static_cast<std::size_t>(body_.octets);
  auto& input = client_.input;
  if (input.size() >= size) {
    held_ = input.content().substr(0, size);
    input_held_ = size;
    request_done_ = true;
    co_return std::nullopt;
  }
  held_memory_.resize(size);
  std::size_t have = input.content().copy(held_memory_.data(), size);
  input.clear();
  while (have < size) {
    client_.watchdog.expect(Wait::Body, Clock::now() + bounds_->body_idle);
    const auto [error, count] =
        co_await client_.stream.read_more(std::span{held_memory_}.subspan(have));
    if (client_.watchdog.expired() != Wait::Nothing) co_return Trouble::BodyTimeout;
    if (error) co_return Trouble::ClientGone;
    worker_.counters->bytes_received.add(count);
    have += count;
  }
  held_ = held_memory_;
  request_done_ = true;
  co_return std::nullopt;
}

/// From here content flows to the endpoint while its answer is awaited: it may answer early.
net::Awaitable<Exchange::MaybeTrouble> Exchange::begin_body() {
  if (expects_continue_) {
    if (const auto trouble = co_await ask_to_continue()) co_return trouble;
  }
  client_.stream.stop_watching();
  expect_first_byte(Clock::now());
  body_begun_ = true;
  pump_running_ = true;
  // Only in HTTP/2 an endpoint can say that it has not looked at what it got (RFC 9113 §8.7).
  replayable_ = upstream_->options().http2.enabled;
  // There slow content holds no connection, and calls of gRPC may be silent for long. Elsewhere
  // whoever may be silent for longer than the grace may be so at once.
  if (!replayable_) rate_ = {bounds_->body_rate, std::max(bounds_->body_grace, bounds_->body_idle)};
  pump_told_.emplace(worker_.executor, common::TimePoint::max());
  pump_wakes_.emplace(worker_.executor, common::TimePoint::max());
  net::asio::co_spawn(worker_.executor, pump_body(), net::asio::detached);
  // It may have run at once, and failed; tell() knows the reason.
  if (refusal_) co_return Trouble::ClientGone;
  co_return std::nullopt;
}

net::Awaitable<> Exchange::pump_body() {
  const bool whole = body_.kind == http1::BodyLength::Kind::Chunked ? co_await pump_chunked()
                                                                    : co_await pump_counted();
  request_done_ = whole;
  if (whole && !answer_began_) expect_first_byte(Clock::now());
  if (whole) watch_client();
  // Who waits for an answer must learn that the request will never be whole.
  if (refusal_ && connection_) connection_->stream.cancel();
  pump_running_ = false;
  pump_told_->cancel();
}

net::Awaitable<bool> Exchange::pump_counted() {
  auto& input = client_.input;
  auto left = body_.octets;
  while (true) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size()));
    net::Pieces pieces;
    pieces.add(input.content().substr(0, size));
    if (!co_await send_body(pieces, size == left)) co_return false;
    input.consume(size);
    left -= size;
    body_passed_ += size;
    if (left == 0) co_return true;
    if (auto pipe = pipe_for(left, client_.stream, connection_->stream))
      co_return co_await splice_body(std::move(*pipe), left);
    if (left > worker_.buffers.buffer_size() && input.space().size() < WorkerContext::kRelayBuffer)
      input = worker_.relay_buffers.take();
    if (!co_await read_body()) co_return false;
  }
}

net::Awaitable<bool> Exchange::pump_chunked() {
  auto& input = client_.input;
  http1::ChunkedDecoder decoder{site_->options.limits.message, &trailers_};
  while (true) {
    // One run of content becomes one chunk: small ones cost their sender more than us.
    while (!input.empty() && !decoder.finished()) {
      const auto step = decoder.next(input.content());
      if (!step) {
        refusal_ = refusal_of(step.error());
        co_return false;
      }
      body_passed_ += step->content.size();
      if (body_passed_ > bounds_->body) {
        refusal_ = refusal_of(Trouble::BodyTooLarge);
        co_return false;
      }
      if (!step->content.empty()) {
        const http1::ChunkHead chunk{step->content.size()};
        net::Pieces pieces;
        pieces.add(chunk.text());
        pieces.add(step->content);
        pieces.add(http1::kChunkEnd);
        if (!co_await send_body(pieces, false)) co_return false;
      }
      input.consume(step->consumed);
    }
    if (decoder.finished()) co_return co_await send_last_chunk(trailers_);
    if (!co_await read_body()) co_return false;
  }
}

net::Awaitable<bool> Exchange::send_last_chunk(std::string_view trailers) {
  const auto passable = http1::passable_trailers(trailers);
  net::Pieces pieces;
  pieces.add(http1::kLastChunkHead);
  pieces.add(passable);
  pieces.add(http1::kChunkEnd);
  co_return co_await send_body(pieces, true);
}

/// More of the body into the empty input.
net::Awaitable<bool> Exchange::read_body() {
  auto& input = client_.input;
  boost::system::error_code error;
  std::size_t count = 0;
  do {
    while (pump_held_ && !pump_stopped_) co_await pump_wakes_->async_wait(net::kToken);
    if (pump_stopped_) co_return false;
    const auto since = Clock::now();
    expect_content(since);
    pump_waits_ = true;
    std::tie(error, count) = co_await client_.stream.read_more(input, worker_.buffers);
    pump_waits_ = false;
    rate_.waited(Clock::now() - since);
    if (pump_held_) pump_told_->cancel();
  } while (pump_held_ && error == net::asio::error::operation_aborted);
  on_content_late();
  if (error && !refusal_ && !answer_began_) refusal_ = refusal_of(Trouble::ClientGone);
  // Whoever has merely ended may still take the answer; an endpoint that waits for more must be
  // told of the other, as of a call of gRPC that is cancelled.
  if (error == net::asio::error::connection_reset && answer_began_) {
    client_gone_ = true;
    client_.watchdog.end_waits();
  }
  if (error || refusal_) co_return false;
  worker_.counters->bytes_received.add(count);
  rate_.came(count);
  input.commit(count);
  co_return true;
}

/// Who has an answer already may talk with its endpoint as slowly as both like.
void Exchange::expect_content(common::TimePoint now) {
  const common::Duration idle = bounds_->body_idle;
  const auto left = answer_began_ ? common::Duration::max() : rate_.left();
  if (left < idle)
    client_.watchdog.expect(Wait::BodyRate, now + left);
  else
    client_.watchdog.expect(Wait::Body, now + idle);
}

/// Keeps the reason if content was waited for too long.
void Exchange::on_content_late() {
  const auto expired = client_.watchdog.expired();
  if (expired == Wait::Body) refusal_ = refusal_of(Trouble::BodyTimeout);
  if (expired == Wait::BodyRate) refusal_ = refusal_of(Trouble::BodyTooSlow);
}

/// Whether the endpoint has begun to answer, be it that we have not read it.
bool Exchange::has_spoken() { return !answer_.empty() || !connection_->stream.is_quiet(); }

/// False when the endpoint takes no more; what it has answered, if anything, is read by the other
/// side. `last`: with these pieces the content ends.
net::Awaitable<bool> Exchange::send_body(net::Pieces pieces, bool last) {
  boost::system::error_code error;
  while (pump_held_ && !pump_stopped_) co_await pump_wakes_->async_wait(net::kToken);
  keep_for_replay(pieces);
  while (connection_ && !pump_stopped_ && !pump_held_) {
    // Asked before they go: the answer to what is whole may be here a moment after.
    if (last) answered_early_ = answered_early_ || has_spoken();
    error = connection_->stream.try_write(pieces);
    if (error) break;
    if (pieces.empty()) co_return true;
    client_.watchdog.expect(Wait::FirstByte, Clock::now() + first_byte_limit());
    pump_waits_ = true;
    std::tie(error) = co_await connection_->stream.wait_writable();
    pump_waits_ = false;
    if (pump_held_) pump_told_->cancel();
    if (error) break;
  }
  const bool untouched =
      pump_held_ || (connection_ && connection_->loss() == http2::Loss::NotProcessed);
  if (!replayable_ || !untouched) co_return false;
  co_await wait_for_replay();
  co_return !pump_stopped_;
}

void Exchange::keep_for_replay(net::Pieces& pieces) {
  if (!replayable_) return;
  if (replay_.size() + pieces.total() > site_->options.limits.replay.value) return drop_replay();
  for (const auto& piece : pieces.vectors())
    replay_.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
}

void Exchange::drop_replay() {
  replayable_ = false;
  replay_ = {};
}

/// Until somebody else has got what could not be sent, with all that came before it.
net::Awaitable<> Exchange::wait_for_replay() {
  pump_held_ = true;
  while (pump_held_ && !pump_stopped_) co_await pump_wakes_->async_wait(net::kToken);
}

/// Afterwards the pump waits for neither stream: that of the endpoint may go.
net::Awaitable<> Exchange::hold_pump() {
  pump_held_ = true;
  while (pump_waits_) {
    client_.stream.cancel();
    if (connection_) connection_->stream.cancel();
    co_await pump_told_->async_wait(net::kToken);
  }
}

/// Another endpoint has what was sent in vain.
void Exchange::let_pump_go_on() {
  if (!pump_held_) return;
  pump_held_ = false;
  pump_wakes_->cancel();
}

/// A pump whose read or write has just succeeded cannot be woken by a cancellation any more.
net::Awaitable<> Exchange::stop_pump() {
  persistent_ = false;
  pump_stopped_ = true;
  while (pump_running_) {
    client_.stream.cancel();
    if (connection_) connection_->stream.cancel();
    if (pump_wakes_) pump_wakes_->cancel();
    co_await pump_told_->async_wait(net::kToken);
  }
}

}  // namespace lb::proxy
