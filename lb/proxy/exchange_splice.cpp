#include "lb/proxy/exchange.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace lb::proxy {

using common::Clock;

namespace {

/// So much is moved before others get their turn.
constexpr std::size_t kTurn = 256 * 1024;

}  // namespace

/// Content so long that it is worth a pipe, and one is to be had.
std::optional<net::Pipe> Exchange::pipe_for(std::uint64_t octets, net::Stream& from,
                                            net::Stream& to) {
  if (octets < kLeastSpliced || !from.is_plain() || !to.sends_plain()) return std::nullopt;
  auto pipe = worker_.pipes.take();
  if (pipe) {
    from.make_non_blocking();
    to.make_non_blocking();
  }
  return pipe;
}

/// Moves `left` octets of content as they are, without their being copied into this process and
/// out of it again: a third of the processor's time. Counts down `left`, and up what was `passed`
/// on. The connection to the endpoint may go while it waits, or the pump be stopped.
net::Awaitable<Exchange::Moved> Exchange::move_content(const Way way, net::Pipe pipe,
                                                       std::uint64_t& left, std::uint64_t& passed) {
  auto& watchdog = client_.watchdog;
  std::size_t in_turn = 0;
  while (left > 0 || pipe.held() > 0) {
    if (pipe.held() == 0) {
      const auto since = Clock::now();
      if (way.is_request)
        expect_content(since);
      else
        watchdog.expect(way.source, since + way.source_limit);
      const auto error = way.from.fill(pipe, left);
      left -= pipe.held();
      in_turn += pipe.held();
      if (way.read != nullptr) way.read->add(pipe.held());
      if (way.is_request) rate_.came(pipe.held());
      if (error == net::asio::error::would_block) {
        const auto [ended, none] = co_await way.from.wait_readable();
        if (way.is_request) rate_.waited(Clock::now() - since);
        if (!connection_ || pump_stopped_) co_return Moved::NotSent;
        if (ended || watchdog.expired() != Wait::Nothing) co_return Moved::NotRead;
        in_turn = 0;
        continue;
      }
      if (error) co_return Moved::NotRead;
    }
    const auto held = pipe.held();
    if (way.is_request && left == 0) answered_early_ = answered_early_ || has_spoken();
    const auto error = way.to.drain(pipe);
    passed += held - pipe.held();
    if (error) co_return Moved::NotSent;
    if (pipe.held() > 0) {
      watchdog.expect(way.sink, Clock::now() + way.sink_limit);
      const auto [ended] = co_await way.to.wait_writable();
      if (!connection_ || pump_stopped_ || ended || watchdog.expired() != Wait::Nothing)
        co_return Moved::NotSent;
      in_turn = 0;
    } else if (in_turn >= kTurn) {
      co_await net::asio::post(worker_.executor, net::asio::deferred);
      if (!connection_ || pump_stopped_) co_return Moved::NotSent;
      if (client_gone_ || watchdog.expired() != Wait::Nothing) co_return Moved::NotRead;
      in_turn = 0;
    }
  }
  co_return Moved::All;
}

/// The rest of a counted answer.
net::Awaitable<Exchange::MaybeTrouble> Exchange::splice_answer(net::Pipe pipe) {
  answer_.release();
  head_.release();
  const Way way{.from = connection_->stream,
                .to = client_.stream,
                .source = Wait::BetweenBytes,
                .source_limit = between_bytes_limit(),
                .sink = Wait::Send,
                .sink_limit = site_->options.timeouts.send};
  const auto moved = co_await move_content(way, std::move(pipe), answer_body_.octets, sent_);
  switch (moved) {
    case Moved::All:
      co_return std::nullopt;
    case Moved::NotRead:
      co_return client_gone_ ? Trouble::ClientGone : Trouble::AnswerCut;
    case Moved::NotSent:
      break;
  }
  co_return client_.watchdog.expired() != Wait::Nothing ? Trouble::ClientStalled
                                                        : Trouble::ClientGone;
}

/// The rest of a counted request body. False when it is not whole.
net::Awaitable<bool> Exchange::splice_body(net::Pipe pipe, std::uint64_t left) {
  client_.input.release();
  const Way way{.from = client_.stream,
                .to = connection_->stream,
                .source = Wait::Body,
                .source_limit = bounds_->body_idle,
                .sink = Wait::FirstByte,
                .sink_limit = first_byte_limit(),
                .read = &worker_.counters->bytes_received,
                .is_request = true};
  const auto moved = co_await move_content(way, std::move(pipe), left, body_passed_);
  if (moved == Moved::NotRead) {
    on_content_late();
    if (!refusal_ && !answer_began_) refusal_ = refusal_of(Trouble::ClientGone);
  }
  co_return moved == Moved::All;
}

}  // namespace lb::proxy
