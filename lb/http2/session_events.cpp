#include "lb/http2/callbacks.hpp"
#include "lb/http2/field_rules.hpp"
#include "lb/http2/frame_events.hpp"
#include "lb/http2/session.hpp"

#include <sys/types.h>
#include <utility>

namespace lb::http2 {
namespace {

bool is_request(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

/// Whether a stream is reset for what its client has done; with any other code lbd has its own
/// reasons.
bool is_clients_fault(std::uint32_t code) {
  switch (code) {
    case NGHTTP2_PROTOCOL_ERROR:
    case NGHTTP2_FLOW_CONTROL_ERROR:
    case NGHTTP2_STREAM_CLOSED:
    case NGHTTP2_FRAME_SIZE_ERROR:
    case NGHTTP2_REFUSED_STREAM:
      return true;
    default:
      return false;
  }
}

}  // namespace

/// What nghttp2 tells while it reads or writes.
struct Events {
  static Session& of(void* user) { return *static_cast<Session*>(user); }
  static Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static int on_begin_fields(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    auto& session = of(user);
    if (!is_request(*frame)) return 0;
    const auto id = frame->hd.stream_id;
    ++session.totals_.streams;
    if (session.streams_.size() >= Session::kMostServed * session.most_streams_) {
      ++session.totals_.refused;
      session.closed_.add(id, true);
      nghttp2_submit_rst_stream(raw, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    session.streams_.push_back(std::make_unique<Stream>(session, id));
    ++session.open_;
    nghttp2_session_set_stream_user_data(raw, id, session.streams_.back().get());
    // All alike: those that can go take turns (RFC 9218 §10).
    const nghttp2_extpri alike{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
    nghttp2_session_change_extpri_stream_priority(raw, id, &alike, 1);
    session.request_.begin(session.limits_);
    if (session.requests_left_ > 0 && --session.requests_left_ == 0) session.drain(session.now_);
    return 0;
  }

  static int on_field(nghttp2_session* raw, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user) {
    auto& session = of(user);
    auto* const stream = stream_of(raw, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (is_request(*frame)) {
      session.request_.add(text_of(name, name_size), text_of(value, value_size));
      if (session.request_.unpacked() <= Session::kMostUnpacked * session.limits_.head) return 0;
      session.end(Ending::HeaderList);
      return kFatal;
    }
    // One too many is enough to be told from the right number.
    if (stream->request_.trailers().size() > session.limits_.trailers) return 0;
    if (append_trailer(stream->request_.trailers(), text_of(name, name_size),
                       text_of(value, value_size)))
      return 0;
    stream->reset(NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  /// nghttp2 has refused it; by itself it would go on without it.
  static int on_bad_field(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t,
                          const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static void on_request(Session& session, Stream& stream, bool ended) {
    auto& request = session.request_;
    const auto nonce = session.user_.nonce();
    const auto verdict = request.finish(ended, {nonce.data(), nonce.size()});
    if (ended) stream.request_.end();
    if (verdict == RequestText::Verdict::Malformed) return stream.reset(NGHTTP2_PROTOCOL_ERROR);
    stream.tunnel_ = request.is_tunnel();
    if (request.is_chunked()) stream.request_.begin_chunked();
    stream.is_head_ = request.is_head_method();
    if (verdict == RequestText::Verdict::Fine) stream.head_ = request.text();
    stream.ready_ = true;
    session.ready_.push_back(&stream);
  }

  static int on_frame(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    auto& session = of(user);
    auto* const stream = stream_of(raw, frame->hd.stream_id);
    switch (frame->hd.type) {
      case NGHTTP2_DATA:
        if (is_mere_padding(*frame) && !session.guard_.spend(Ending::EmptyFrames, session.now_)) {
          session.end(Ending::EmptyFrames);
          return kFatal;
        }
        break;
      case NGHTTP2_HEADERS:
        if (stream != nullptr && is_request(*frame)) {
          on_request(session, *stream, ends_stream(*frame));
          return 0;
        }
        break;
      case NGHTTP2_RST_STREAM:
        ++session.totals_.resets;
        return 0;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) session.finish_drain();
        return 0;
      default:
        return 0;
    }
    if (stream == nullptr || !ends_stream(*frame)) return 0;
    stream->request_.end();
    stream->tell_content();
    return 0;
  }

  static int on_content(nghttp2_session* raw, std::uint8_t, std::int32_t id,
                        const std::uint8_t* octets, std::size_t size, void* user) {
    auto* const stream = stream_of(raw, id);
    if (stream == nullptr || (stream->user_ == nullptr && !stream->ready_) || stream->reset_) {
      of(user).discard(size);
      return 0;
    }
    stream->request_.append(text_of(octets, size));
    stream->tell_content();
    return 0;
  }

  static int on_close(nghttp2_session* raw, std::int32_t id, std::uint32_t code, void* user) {
    auto* const stream = stream_of(raw, id);
    if (stream == nullptr) return 0;
    --of(user).open_;
    of(user).closed_.add(id, stream->reset_by_us_);
    stream->closed_ = true;
    stream->reset_ = stream->reset_ || code != NGHTTP2_NO_ERROR || !stream->end_sent_;
    if (stream->user_ != nullptr) {
      stream->user_->on_content();
      stream->user_->on_room();
    }
    of(user).settle(*stream);
    return 0;
  }

  static int on_sent(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    auto& session = of(user);
    if (frame->hd.type == NGHTTP2_DATA) session.guard_.on_data_sent();
    auto* const stream = stream_of(raw, frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_RST_STREAM && stream != nullptr) stream->reset_by_us_ = true;
    if (frame->hd.type == NGHTTP2_RST_STREAM && is_clients_fault(frame->rst_stream.error_code)) {
      ++session.totals_.errors;
      if (!session.guard_.spend(Ending::StreamErrors, session.now_))
        session.end(Ending::StreamErrors);
    }
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR &&
        !session.ending_)
      session.ending_ = Ending::Protocol;
    if (!ends_stream(*frame) || stream == nullptr) return 0;
    stream->end_sent_ = true;
    session.settle(*stream);
    return 0;
  }

  /// A head that nghttp2 does not send, be it too large: nobody shall wait for it.
  static int on_not_sent(nghttp2_session* raw, const nghttp2_frame* frame, int, void*) {
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    if (auto* const stream = stream_of(raw, frame->hd.stream_id))
      stream->reset(NGHTTP2_INTERNAL_ERROR);
    return 0;
  }

  static ssize_t read_answer(nghttp2_session* raw, std::int32_t id, std::uint8_t*,
                             std::size_t length, std::uint32_t* flags, nghttp2_data_source* source,
                             void*) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const auto count = next_content(raw, id, stream.answer_, length, *flags);
    stream.deferred_ = count == NGHTTP2_ERR_DEFERRED;
    return count;
  }

  static int write_content(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head,
                           std::size_t length, nghttp2_data_source* source, void* user) {
    auto& session = of(user);
    auto& stream = *static_cast<Stream*>(source->ptr);
    if (!session.output_.put_content(head, length, stream.answer_)) return NGHTTP2_ERR_WOULDBLOCK;
    stream.moved_at_ = session.now_;
    if (std::exchange(stream.wants_room_, false) && stream.user_ != nullptr)
      stream.user_->on_room();
    return 0;
  }
};

const nghttp2_session_callbacks* callbacks() { return callbacks_of<Events>(); }

nghttp2_data_provider answer_source(Stream& stream) {
  return {.source = {.ptr = &stream}, .read_callback = Events::read_answer};
}

}  // namespace lb::http2
