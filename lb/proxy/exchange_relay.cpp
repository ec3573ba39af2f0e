#include "lb/http/status.hpp"
#include "lb/http/trailers.hpp"
#include "lb/http1/trailers.hpp"
#include "lb/proxy/exchange.hpp"
#include "lb/proxy/forwarded_head.hpp"
#include "lb/proxy/selector.hpp"

#include <algorithm>

namespace lb::proxy {

using common::Clock;
using Kind = http1::BodyLength::Kind;

namespace {

/// Content up to this size is copied behind the head: that costs less than to send two pieces.
constexpr std::size_t kCopied = 1024;

}  // namespace

/// Passes on what can be passed on without waiting of the answer whose head stands in
/// `worker_.response`: nearly every small answer as a whole, and without a coroutine. Nothing when
/// `relay_rest` has to go on.
std::optional<Exchange::MaybeTrouble> Exchange::relay_at_once() {
  if (worker_.response.head.status == 101) return std::nullopt;
  answer_body_ = worker_.response.body;
  if (const auto trouble = write_answer_head()) return MaybeTrouble{trouble};
  const bool encoded = passage_ && passage_->encoder() != nullptr;
  if (encoded || answer_body_.kind == Kind::Chunked || answer_body_.kind == Kind::UntilClose)
    return std::nullopt;
  auto& left = answer_body_.octets;
  auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, answer_.size()));
  if (size <= std::min(kCopied, head_.space().size())) {
    std::copy_n(answer_.data(), size, head_.space().data());
    head_.commit(size);
    answer_.consume(size);
    left -= size;
    size = 0;
  }
  net::Pieces pieces;
  pieces.add(head_.content());
  pieces.add(answer_.content().substr(0, size));
  const auto whole = pieces.total();
  if (left == size && is_last()) client_.stream.will_end();
  const auto trouble = send_at_once(pieces);
  const auto sent = whole - pieces.total();
  const auto of_head = std::min(sent, head_.size());
  head_.consume(of_head);
  answer_.consume(sent - of_head);
  left -= sent - of_head;
  if (trouble || (head_.empty() && left == 0)) return trouble;
  return std::nullopt;
}

/// `head_`: what has not been sent yet of the head, and of content copied behind it.
net::Awaitable<Exchange::MaybeTrouble> Exchange::relay_rest() {
  if (worker_.response.head.status == 101) co_return co_await run_tunnel();
  // An answer that is no refusal and goes on after its head: its sender may read the content
  // meanwhile, whatever it was asked, and a client that has this head may send it.
  if (awaits_go_ahead_ && http::is_successful(status_)) {
    expects_continue_ = awaits_go_ahead_ = false;
    if (const auto trouble = co_await begin_body()) co_return trouble;
  }
  net::Pieces pieces;
  pieces.add(head_.content());
  if (passage_ && passage_->encoder() != nullptr)
    co_return co_await relay_encoded(pieces, answer_body_);
  if (answer_body_.kind == Kind::Chunked) co_return co_await relay_chunked(pieces);
  if (answer_body_.kind == Kind::UntilClose) co_return co_await relay_until_close(pieces);
  pieces.add(answer_.content().substr(
      0, static_cast<std::size_t>(std::min<std::uint64_t>(answer_body_.octets, answer_.size()))));
  co_return co_await relay_counted(pieces);
}

/// The answer's head into `head_`, as the client gets it; and what follows from it.
Exchange::MaybeTrouble Exchange::write_answer_head() {
  auto& answer = worker_.response;
  if (passage_) filter_answer();
  persistent_ = persistent_ && request_done_ && !worker_.ends_connections() && !client_.leaving;
  auto framing = frame_answer(answer, persistent_, minor_version_);
  if (answer.body.kind == Kind::Chunked && framing.chunked && accepts_trailers_)
    framing.trailers = http::announced_trailers(answer.head.fields);
  const auto sticky = sticky_cookie(*upstream_, selector_, *lease_, client_.tls != nullptr);
  if (!sticky.empty()) answer.head.fields.push_back({"Set-Cookie", sticky});
  put_hsts(answer.head.fields, client_.hsts());
  head_.clear();
  http1::Writer out{head_.space()};
  write_response_head(out, answer, framing, worker_.date);
  if (out.overflowed()) return Trouble::BadAnswer;
  head_.commit(out.size());

  persistent_ = !framing.close;
  status_ = answer.head.status;
  answer_began_ = true;
  answer_chunked_ = framing.chunked;
  // An answer that did not wait for the content: who knows whether the endpoint will read the rest
  // as content.
  upstream_reusable_ = request_done_ && !answered_early_ && answer.persistent &&
                       answer_body_.kind != Kind::UntilClose &&
                       !(plan_ == BodyPlan::Streamed && connection_->stream.has_unsent());
  cut_by_reset_ = !framing.chunked &&
                  (answer.body.kind == Kind::Chunked || answer.body.kind == Kind::UntilClose);
  return std::nullopt;
}

/// `pieces`: what could not be sent at once of the head and the first content.
net::Awaitable<Exchange::MaybeTrouble> Exchange::relay_counted(net::Pieces pieces) {
  auto& left = answer_body_.octets;
  while (true) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, answer_.size()));
    if (const auto trouble = co_await send(pieces)) co_return trouble;
    answer_.consume(size);
    left -= size;
    if (left == 0) co_return std::nullopt;
    if (auto pipe = pipe_for(left, connection_->stream, client_.stream))
      co_return co_await splice_answer(std::move(*pipe));
    if (answer_.empty() && left > worker_.buffers.buffer_size() &&
        answer_.space().size() < WorkerContext::kRelayBuffer)
      answer_ = worker_.relay_buffers.take();
    if (const auto trouble = co_await read_answer()) co_return trouble;
    pieces = {};
    pieces.add(answer_.content().substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(left, answer_.size()))));
  }
}

/// Takes the endpoint's chunks off and writes its content anew, in chunks of our own if the client
/// knows them. What arrived together leaves together.
net::Awaitable<Exchange::MaybeTrouble> Exchange::relay_chunked(net::Pieces pieces) {
  constexpr std::size_t kMostRuns =
      net::Pieces::kMost - 6;  // head, chunk head, its end, last chunk, trailers, their end
  const bool trailers = answer_chunked_ && accepts_trailers_;
  std::string section;  // not the request's, which may still be coming
  std::string passable;
  http1::ChunkedDecoder decoder{site_->options.limits.message, trailers ? &section : nullptr};
  while (true) {
    std::array<std::string_view, kMostRuns> runs;
    std::size_t count = 0;
    std::size_t consumed = 0;
    std::size_t size = 0;
    while (consumed < answer_.size() && count < kMostRuns && !decoder.finished()) {
      const auto step = decoder.next(answer_.content().substr(consumed));
      if (!step) {
        answer_began_ = sent_ > 0;  // before the first octet a 502 can still tell what happened
        co_return answer_began_ ? Trouble::AnswerCut : Trouble::BadAnswer;
      }
      consumed += step->consumed;
      size += step->content.size();
      if (!step->content.empty()) runs[count++] = step->content;
    }
    const http1::ChunkHead chunk{size};
    if (size > 0 && answer_chunked_) pieces.add(chunk.text());
    for (std::size_t i = 0; i < count; ++i) pieces.add(runs[i]);
    if (size > 0 && answer_chunked_) pieces.add(http1::kChunkEnd);
    if (decoder.finished() && answer_chunked_) {
      if (trailers) passable = http1::passable_trailers(section);
      pieces.add(http1::kLastChunkHead);
      pieces.add(passable);
      pieces.add(http1::kChunkEnd);
    }
    if (const auto trouble = co_await send(pieces)) co_return trouble;
    answer_.consume(consumed);
    pieces = {};
    if (decoder.finished()) co_return std::nullopt;
    if (!answer_.empty()) continue;
    if (const auto trouble = co_await read_answer()) co_return trouble;
  }
}

net::Awaitable<Exchange::MaybeTrouble> Exchange::relay_until_close(net::Pieces pieces) {
  while (true) {
    const auto size = answer_.size();
    const http1::ChunkHead chunk{size};
    if (size > 0 && answer_chunked_) pieces.add(chunk.text());
    pieces.add(answer_.content());
    if (size > 0 && answer_chunked_) pieces.add(http1::kChunkEnd);
    if (const auto trouble = co_await send(pieces)) co_return trouble;
    answer_.clear();
    pieces = {};
    client_.watchdog.expect(Wait::BetweenBytes, Clock::now() + between_bytes_limit());
    const auto [error, count] = co_await connection_->stream.read_more(answer_, worker_.buffers);
    if (client_gone_) co_return Trouble::ClientGone;
    if (client_.watchdog.expired() != Wait::Nothing) co_return Trouble::AnswerCut;
    if (error == net::asio::error::eof) break;
    if (error) co_return Trouble::AnswerCut;
    answer_.commit(count);
  }
  if (answer_chunked_) pieces.add(http1::kLastChunk);
  co_return co_await send(pieces);
}

/// More of the answer into its empty buffer.
net::Awaitable<Exchange::MaybeTrouble> Exchange::read_answer() {
  client_.watchdog.expect(Wait::BetweenBytes, Clock::now() + between_bytes_limit());
  const auto [error, count] = co_await connection_->stream.read_more(answer_, worker_.buffers);
  if (client_gone_) co_return Trouble::ClientGone;
  if (error || client_.watchdog.expired() != Wait::Nothing) co_return Trouble::AnswerCut;
  answer_.commit(count);
  co_return std::nullopt;
}

Exchange::MaybeTrouble Exchange::send_at_once(net::Pieces& pieces) {
  const auto whole = pieces.total();
  const auto error = client_.stream.try_write(pieces);
  sent_ += whole - pieces.total();
  if (error) return Trouble::ClientGone;
  return std::nullopt;
}

net::Awaitable<Exchange::MaybeTrouble> Exchange::send(net::Pieces& pieces) {
  while (true) {
    if (const auto trouble = send_at_once(pieces)) co_return trouble;
    if (pieces.empty()) co_return std::nullopt;
    client_.watchdog.expect(Wait::Send, Clock::now() + site_->options.timeouts.send);
    const auto [error] = co_await client_.stream.wait_writable();
    if (client_.watchdog.expired() != Wait::Nothing) co_return Trouble::ClientStalled;
    if (error || client_gone_) co_return Trouble::ClientGone;
  }
}

}  // namespace lb::proxy
