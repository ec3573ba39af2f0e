#include "lb/http2/session.hpp"

#include "lb/http2/callbacks.hpp"

#include <algorithm>
#include <new>

namespace lb::http2 {
namespace {

constexpr auto kNever = common::TimePoint::max();
/// What is answered with a reset, or the end, by rules of our own need not be by nghttp2's.
constexpr std::uint64_t kNoLimit = 1U << 30U;
constexpr std::uint32_t kMostFrame = 16U << 10U;   // octets; what every client begins with
constexpr std::size_t kLongestFields = 4U << 20U;  // octets of an answer's head

const nghttp2_option* options() {
  static const auto* const made = [] {
    nghttp2_option* all = nullptr;
    if (nghttp2_option_new(&all) != 0) throw std::bad_alloc{};
    nghttp2_option_set_no_auto_window_update(all, 1);
    nghttp2_option_set_no_closed_streams(all, 1);
    nghttp2_option_set_stream_reset_rate_limit(all, kNoLimit, kNoLimit);
    nghttp2_option_set_max_continuations(all, kNoLimit);
    nghttp2_option_set_max_send_header_block_length(all, kLongestFields);
    return all;
  }();
  return made;
}

}  // namespace

Session::Session(SessionUser& user, const Options& options, const http1::Limits& limits,
                 const Times& times, std::uint32_t most_requests, common::TimePoint now)
    : user_{user},
      limits_{limits},
      times_{times},
      most_streams_{options.max_concurrent_streams},
      requests_left_{most_requests},
      guard_{now},
      now_{now},
      idle_since_{now},
      idle_until_{now + times.head} {
  if (nghttp2_session_server_new3(&session_, callbacks(), this, http2::options(),
                                  recycled_memory()) != 0)
    throw std::bad_alloc{};
  const std::array<nghttp2_settings_entry, 5> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, most_streams_},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
       static_cast<std::uint32_t>(options.stream_window.value)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.head)},
      {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  const bool told =
      nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0 &&
      nghttp2_session_set_local_window_size(
          session_, NGHTTP2_FLAG_NONE, 0,
          static_cast<std::int32_t>(options.connection_window.value)) == 0;
  if (told) return;
  nghttp2_session_del(session_);
  throw std::bad_alloc{};
}

Session::~Session() { nghttp2_session_del(session_); }

void Session::receive(std::string_view octets, common::TimePoint now) {
  now_ = now;
  std::size_t at = 0;
  std::size_t fed = 0;
  while (at < octets.size() && !deaf_) {
    at += tracker_.take(octets.substr(at));
    if (tracker_.has_bad_priority()) end(Ending::Protocol);
    if (!tracker_.is_head()) break;
    const auto& head = tracker_.head();
    // Of all frames nghttp2 does not look at the length of these (RFC 9113 §4.2).
    if (head.type == kContinuation && head.length > kMostFrame)
      end(Ending::Protocol, NGHTTP2_FRAME_SIZE_ERROR);
    const auto flood = guard_.on_frame(head, now);
    if (!flood && head.type != kData && head.type != kHeaders) continue;
    feed(octets.substr(fed, at - fed));
    fed = at;
    if (flood)
      end(*flood);
    else
      judge(head);
  }
  feed(octets.substr(fed));
  watch_head(now);
  user_.on_change();
}

void Session::feed(std::string_view octets) {
  if (deaf_) return;
  const auto taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
  if (taken < 0) end(Ending::Protocol);
}

/// Of what comes on a stream that is no more: nghttp2, which knows all before it, lets it go by.
void Session::judge(const FrameHead& head) {
  const auto id = head.stream;
  if (id % 2 == 0) return;
  if (id > highest_) {
    if (head.type != kHeaders) return;
    highest_ = id;
    if (open_ >= most_streams_) closed_.add(id, true);  // nghttp2 refuses it
    return;
  }
  if (nghttp2_session_get_stream_user_data(session_, id) != nullptr) return;
  const auto verdict = closed_.judge(id);
  if (verdict == ClosedStreams::Verdict::Closed) end(Ending::Protocol, NGHTTP2_STREAM_CLOSED);
  if (verdict == ClosedStreams::Verdict::Unused) end(Ending::Protocol);
}

/// A field section has its time, however many others precede it.
void Session::watch_head(common::TimePoint now) {
  if (!tracker_.is_in_fields()) {
    head_until_ = kNever;
  } else if (head_until_ == kNever || head_number_ != tracker_.field_sections()) {
    head_until_ = now + times_.head;
    head_number_ = tracker_.field_sections();
  }
}

Stream* Session::next_request() {
  while (!ready_.empty()) {
    auto* const stream = ready_.front();
    ready_.erase(ready_.begin());
    stream->ready_ = false;
    if (!stream->reset_ && !gone_) return stream;
    settle(*stream);
  }
  return nullptr;
}

std::size_t Session::produce(std::span<char> space, common::TimePoint now) {
  now_ = now;
  if (gone_) return 0;
  const auto count = output_.produce(session_, space, gone_);
  if (stalled_at_ == kNever && std::any_of(streams_.begin(), streams_.end(), [](const auto& one) {
        return one->user_ == nullptr && !one->ready_;
      }))
    stalled_at_ = now + kStallCheck;
  return count;
}

void Session::on_sent(bool all, common::TimePoint now) {
  send_until_ = all ? kNever : now + times_.send;
}

bool Session::wants_to_send() const {
  return !gone_ && (output_.has_rest() || nghttp2_session_want_write(session_) != 0);
}

common::TimePoint Session::next_deadline() const {
  if (gone_) return kNever;
  if (ending_) return send_until_;
  return std::min(
      {head_until_, send_until_, stalled_at_, final_at_, streams_.empty() ? idle_until_ : kNever});
}

void Session::on_deadline(common::TimePoint now) {
  now_ = now;
  if (now >= send_until_) {
    ending_ = Ending::SendTimeout;
    gone_ = true;
  }
  if (now >= head_until_) end(Ending::HeadTimeout);
  if (now >= final_at_) finish_drain();
  if (now >= stalled_at_) reset_stalled(now);
  if (streams_.empty() && now >= idle_until_) end(Ending::Idle);
  user_.on_change();
}

/// Answers that nobody writes at any more, and their clients take nothing of.
void Session::reset_stalled(common::TimePoint now) {
  stalled_at_ = kNever;
  for (const auto& stream : streams_) {
    if (stream->user_ != nullptr || stream->ready_ || stream->closed_) continue;
    stalled_at_ = now + kStallCheck;
    if (stream->moved_at_ == common::TimePoint{}) stream->moved_at_ = now;
    if (stream->reset_) continue;
    // RFC 9113 §8.1: the answer is whole, the rest of the request is not wanted.
    if (stream->end_sent_ && now - stream->moved_at_ >= kLinger) stream->reset(NGHTTP2_NO_ERROR);
    if (stream->end_sent_ || now - stream->moved_at_ < times_.send) continue;
    ++totals_.stalled;
    stream->reset(NGHTTP2_CANCEL);
  }
}

void Session::drain(common::TimePoint now) {
  if (drain_ != Drain::No || ending_ || gone_) return;
  now_ = now;
  drain_ = Drain::Noticed;
  final_at_ = now + kNotice;
  nghttp2_submit_shutdown_notice(session_);
  // Its answer shows that the notice has arrived.
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  user_.on_change();
}

void Session::finish_drain() {
  final_at_ = kNever;
  if (drain_ != Drain::Noticed || ending_) return;
  drain_ = Drain::Final;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

void Session::end(Ending why, std::uint32_t code) {
  if (ending_) return;
  ending_ = why;
  deaf_ = true;
  nghttp2_session_terminate_session(session_, code);
  user_.on_change();
}

void Session::on_gone() {
  gone_ = true;
  output_.drop();
  std::vector<Stream*> all;
  for (const auto& stream : streams_) all.push_back(stream.get());
  for (auto* const stream : all) {
    stream->reset_ = stream->closed_ = true;
    if (stream->user_ != nullptr) {
      stream->user_->on_content();
      stream->user_->on_room();
    }
    settle(*stream);
  }
}

bool Session::is_over() const {
  return gone_ || (!wants_to_send() && nghttp2_session_want_read(session_) == 0);
}

Ending Session::ending() const {
  if (ending_) return *ending_;
  return drain_ == Drain::No ? Ending::Left : Ending::Drained;
}

/// As much may be sent anew.
void Session::consume(const Stream& stream, std::size_t octets) {
  if (gone_) return;
  if (stream.closed_)
    nghttp2_session_consume_connection(session_, octets);
  else
    nghttp2_session_consume(session_, stream.id_, octets);
  user_.on_change();
}

/// What nobody wants: other streams may send as much, this one may not.
void Session::discard(std::size_t octets) {
  if (!gone_ && octets > 0) nghttp2_session_consume_connection(session_, octets);
}

/// Of a stream that nobody serves: what it still needs, or its end.
void Session::settle(Stream& stream) {
  if (stream.user_ != nullptr || stream.ready_) return;
  discard(stream.request_.drop());
  if (stream.closed_) return forget(stream);
  user_.on_change();
}

void Session::forget(Stream& stream) {
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&stream](const auto& one) { return one.get() == &stream; });
  std::swap(*found, streams_.back());
  streams_.pop_back();
  if (!streams_.empty()) return;
  idle_since_ = now_;
  idle_until_ = now_ + times_.keep_alive;
  streams_.shrink_to_fit();
}

}  // namespace lb::http2
