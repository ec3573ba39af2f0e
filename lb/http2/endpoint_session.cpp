#include "lb/http2/endpoint_session.hpp"

#include "lb/http1/head_parser.hpp"
#include "lb/http2/callbacks.hpp"
#include "lb/http2/frame_fields.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace lb::http2 {
namespace {

constexpr auto kNever = common::TimePoint::max();
constexpr std::uint64_t kNoLimit = 1U << 30U;      // by nghttp2's rules, where ours are stricter
constexpr std::uint32_t kMostFrame = 16U << 10U;   // octets; what every endpoint begins with
constexpr std::size_t kLongestFields = 4U << 20U;  // octets of a request's head

const nghttp2_option* options() {
  static const auto* const made = [] {
    nghttp2_option* all = nullptr;
    if (nghttp2_option_new(&all) != 0) throw std::bad_alloc{};
    nghttp2_option_set_no_auto_window_update(all, 1);
    nghttp2_option_set_no_closed_streams(all, 1);
    nghttp2_option_set_max_continuations(all, kNoLimit);
    nghttp2_option_set_max_send_header_block_length(all, kLongestFields);
    return all;
  }();
  return made;
}

}  // namespace

EndpointSession::EndpointSession(EndpointSessionUser& user, const EndpointOptions& options,
                                 bool secure, common::TimePoint now)
    : user_{user},
      most_streams_{options.max_concurrent_streams},
      secure_{secure},
      guard_{now},
      now_{now},
      idle_since_{now} {
  if (nghttp2_session_client_new3(&session_, endpoint_callbacks(), this, http2::options(),
                                  recycled_memory()) != 0)
    throw std::bad_alloc{};
  const std::array<nghttp2_settings_entry, 4> settings{{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
       static_cast<std::uint32_t>(options.stream_window.value)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, AnswerText::kMost},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  const bool told =
      nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0 &&
      nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow) == 0;
  if (told) return;
  nghttp2_session_del(session_);
  throw std::bad_alloc{};
}

EndpointSession::~EndpointSession() { nghttp2_session_del(session_); }

void EndpointSession::receive(std::string_view octets, common::TimePoint now) {
  now_ = now;
  std::size_t at = 0;
  std::size_t fed = 0;
  while (at < octets.size() && !deaf_) {
    at += tracker_.take(octets.substr(at));
    if (!tracker_.is_head()) break;
    const auto& head = tracker_.head();
    // Of all frames nghttp2 does not look at the length of these (RFC 9113 §4.2).
    if (head.type == kContinuation && head.length > kMostFrame)
      end(Ending::Protocol, NGHTTP2_FRAME_SIZE_ERROR);
    // An endpoint's resets cost requests of ours, of which there are only so many.
    if (head.type == kResetStream) continue;
    const auto flood = guard_.on_frame(head, now);
    if (!flood) continue;
    feed(octets.substr(fed, at - fed));
    fed = at;
    end(*flood);
  }
  feed(octets.substr(fed));
  submit_waiting();
  user_.on_change();
}

void EndpointSession::feed(std::string_view octets) {
  if (deaf_) return;
  const auto taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
  if (taken < 0) end(Ending::Protocol);
}

std::size_t EndpointSession::most_streams() const {
  return std::min(most_streams_, nghttp2_session_get_remote_settings(
                                     session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS));
}

bool EndpointSession::takes_tunnels() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) ==
         1;
}

EndpointStream& EndpointSession::open(StreamUser& user) {
  streams_.push_back(std::make_unique<EndpointStream>(*this, user));
  return *streams_.back();
}

bool EndpointSession::submit(EndpointStream& stream, std::string_view head) {
  thread_local http1::ParsedRequest request;
  thread_local FrameFields fields;
  if (!http1::parse_request(head, kOwnText, request)) return false;
  fields.take_request(request, head, secure_ ? "https" : "http",
                      !stream.asked_.websocket_key.empty());
  const auto& content = stream.request_;
  const bool empty = content.is_whole() && content.held().empty() && content.trailers().empty();
  const auto source = request_source(stream);
  const auto id = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                         empty ? nullptr : &source, &stream);
  if (id < 0) {
    leaving_ = true;  // its numbers are used up
    return false;
  }
  stream.id_ = id;
  ++submitted_;
  ++totals_.streams;
  user_.on_change();
  return true;
}

/// There may be room for those who have waited for it.
void EndpointSession::submit_waiting() {
  while (!waiting_.empty() && submitted_ < most_streams() && !ending_ && !gone_) {
    auto& stream = *waiting_.front();
    waiting_.erase(waiting_.begin());
    if (!submit(stream, stream.head_)) stream.lose(Loss::NotProcessed);
    stream.head_ = {};
  }
}

/// The endpoint takes no more requests.
void EndpointSession::give_up_waiting() {
  for (auto* const stream : std::exchange(waiting_, {})) stream->lose(Loss::NotProcessed);
}

std::size_t EndpointSession::produce(std::span<char> space, common::TimePoint now) {
  now_ = now;
  if (gone_) return 0;
  bool failed = false;
  const auto count = output_.produce(session_, space, failed);
  if (failed) on_gone(now);
  return count;
}

bool EndpointSession::wants_to_send() const {
  return !gone_ && (output_.has_rest() || nghttp2_session_want_write(session_) != 0);
}

common::TimePoint EndpointSession::next_deadline() const {
  auto next = kNever;
  if (!gone_)
    for (const auto& stream : streams_) next = std::min(next, stream->linger_until_);
  return next;
}

void EndpointSession::on_deadline(common::TimePoint now) {
  now_ = now;
  for (const auto& stream : streams_) {
    if (now < stream->linger_until_) continue;
    stream->linger_until_ = kNever;
    reset(*stream, NGHTTP2_CANCEL);
  }
  user_.on_change();
}

void EndpointSession::leave(common::TimePoint now) {
  now_ = now;
  leaving_ = true;
  if (streams_.empty()) end(Ending::Drained);
}

void EndpointSession::end(Ending why, std::uint32_t code) {
  if (ending_) return;
  ending_ = why;
  deaf_ = true;
  nghttp2_session_terminate_session(session_, code);
  user_.on_change();
}

void EndpointSession::on_gone(common::TimePoint now) {
  now_ = now;
  gone_ = true;
  waiting_.clear();
  output_.drop();
  std::vector<EndpointStream*> all;
  for (const auto& stream : streams_) all.push_back(stream.get());
  for (auto* const stream : all) {
    stream->closed_ = true;
    stream->lose(stream->reached_ ? Loss::Died : Loss::NotProcessed);
    settle(*stream);
  }
}

bool EndpointSession::is_over() const {
  return gone_ || (!wants_to_send() && nghttp2_session_want_read(session_) == 0);
}

Ending EndpointSession::ending() const {
  if (ending_) return *ending_;
  return Ending::Left;
}

void EndpointSession::reset(EndpointStream& stream, std::uint32_t code) {
  if (stream.closed_ || stream.id_ == 0) return;
  ++totals_.cancelled;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id_, code);
  user_.on_change();
}

/// As much may be sent anew on this stream; on the connection it is allowed already.
void EndpointSession::consume(const EndpointStream& stream, std::size_t octets) {
  if (gone_ || stream.closed_) return;
  nghttp2_session_consume_stream(session_, stream.id_, octets);
  user_.on_change();
}

/// Of a stream that nobody uses: what the endpoint must be told, or its end.
void EndpointSession::settle(EndpointStream& stream) {
  if (stream.user_ != nullptr) return;
  stream.answer_.drop();
  if (stream.id_ == 0) std::erase(waiting_, &stream);
  if (stream.id_ == 0 || stream.closed_) return forget(stream);
  if (stream.linger_until_ != kNever) return;
  stream.linger_until_ = now_ + kLinger;
  if (!stream.is_answered()) reset(stream, NGHTTP2_CANCEL);
  user_.on_change();
}

void EndpointSession::forget(EndpointStream& stream) {
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&stream](const auto& one) { return one.get() == &stream; });
  std::swap(*found, streams_.back());
  streams_.pop_back();
  if (!streams_.empty()) return;
  idle_since_ = now_;
  if (leaving_ && !gone_) end(Ending::Drained);
}

}  // namespace lb::http2
