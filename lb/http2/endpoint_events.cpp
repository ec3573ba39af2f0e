#include "lb/http2/callbacks.hpp"
#include "lb/http2/endpoint_session.hpp"
#include "lb/http2/field_rules.hpp"
#include "lb/http2/frame_events.hpp"

#include <algorithm>
#include <limits>
#include <sys/types.h>
#include <utility>

namespace lb::http2 {

/// What nghttp2 tells while it reads or writes.
struct EndpointEvents {
  static EndpointSession& of(void* user) { return *static_cast<EndpointSession*>(user); }
  static EndpointStream* stream_of(nghttp2_session* session, std::int32_t id) {
    return static_cast<EndpointStream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static void refuse(nghttp2_session* raw, EndpointStream& stream) {
    stream.lose(Loss::Malformed);
    nghttp2_submit_rst_stream(raw, NGHTTP2_FLAG_NONE, stream.id_, NGHTTP2_PROTOCOL_ERROR);
  }

  static int on_begin_fields(nghttp2_session*, const nghttp2_frame*, void* user) {
    of(user).unpacked_ = 0;
    of(user).answer_.begin();
    return 0;
  }

  static int on_field(nghttp2_session* raw, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user) {
    auto& session = of(user);
    auto* const stream = stream_of(raw, frame->hd.stream_id);
    session.unpacked_ += name_size + value_size + kFieldOverhead;
    if (session.unpacked_ > EndpointSession::kMostUnpacked * AnswerText::kMost) {
      session.end(Ending::HeaderList);
      return kFatal;
    }
    if (stream == nullptr) return 0;
    if (!stream->final_) {
      session.answer_.add(text_of(name, name_size), text_of(value, value_size));
      return 0;
    }
    if (session.unpacked_ > AnswerText::kMost) return 0;  // refused at their end
    if (append_trailer(stream->answer_.trailers(), text_of(name, name_size),
                       text_of(value, value_size)))
      return 0;
    refuse(raw, *stream);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  /// nghttp2 has refused it; by itself it would go on without it.
  static int on_bad_field(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t,
                          const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static void on_head(nghttp2_session* raw, EndpointSession& session, EndpointStream& stream,
                      bool ended) {
    auto& answer = session.answer_;
    if (!answer.finish(stream.asked_, ended)) return refuse(raw, stream);
    if (answer.is_interim() && (++stream.interim_ > EndpointSession::kMostInterim ||
                                stream.answer_.unread_text() > AnswerText::kMost))
      return refuse(raw, stream);
    stream.answer_.put_text(answer.text());
    if (!answer.is_interim()) {
      stream.final_ = true;
      stream.tunnel_ = answer.is_tunnel();
      if (answer.is_chunked()) stream.answer_.begin_chunked();
      stream.content_left_ =
          answer.has_content() ? answer.length().value_or(std::numeric_limits<std::uint64_t>::max())
                               : 0;
    }
    stream.tell();
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
        if (stream == nullptr) break;
        if (!stream->final_)
          on_head(raw, session, *stream, ends_stream(*frame));
        else if (session.unpacked_ > AnswerText::kMost)
          refuse(raw, *stream);
        break;
      case NGHTTP2_SETTINGS:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 || std::exchange(session.ready_, true))
          return 0;
        for (const auto& one : session.streams_) one->tell();
        return 0;
      case NGHTTP2_RST_STREAM:
        ++session.totals_.resets;
        return 0;
      case NGHTTP2_GOAWAY:
        session.leaving_ = true;
        session.give_up_waiting();
        return 0;
      default:
        return 0;
    }
    if (stream == nullptr || !ends_stream(*frame) || stream->loss_ != Loss::None) return 0;
    stream->answer_.end();
    stream->tell();
    return 0;
  }

  static int on_content(nghttp2_session* raw, std::uint8_t, std::int32_t id,
                        const std::uint8_t* octets, std::size_t size, void* user) {
    if (!of(user).gone_) nghttp2_session_consume_connection(raw, size);
    auto* const stream = stream_of(raw, id);
    if (stream == nullptr || stream->user_ == nullptr || stream->loss_ != Loss::None) return 0;
    stream->content_left_ -= std::min<std::uint64_t>(stream->content_left_, size);
    stream->answer_.append(text_of(octets, size));
    stream->tell();
    return 0;
  }

  static int on_close(nghttp2_session* raw, std::int32_t id, std::uint32_t code, void* user) {
    auto& session = of(user);
    auto* const stream = stream_of(raw, id);
    if (stream == nullptr) return 0;
    --session.submitted_;
    stream->closed_ = true;
    // Also of those above what a GOAWAY says was looked at (RFC 9113 §6.8).
    const bool untouched =
        code == NGHTTP2_REFUSED_STREAM && !stream->final_ && stream->interim_ == 0;
    stream->lose(untouched ? Loss::NotProcessed : Loss::Died);
    stream->tell();
    session.settle(*stream);
    return 0;
  }

  static int on_sent(nghttp2_session* raw, const nghttp2_frame* frame, void* user) {
    auto& session = of(user);
    auto* const stream = stream_of(raw, frame->hd.stream_id);
    switch (frame->hd.type) {
      case NGHTTP2_DATA:
        session.guard_.on_data_sent();
        break;
      case NGHTTP2_HEADERS:
        session.guard_.on_data_sent();
        if (stream != nullptr) stream->reached_ = true;
        break;
      case NGHTTP2_RST_STREAM:
        // nghttp2 has found what it sends this for in the answer.
        if (stream != nullptr && frame->rst_stream.error_code != NGHTTP2_CANCEL)
          stream->lose(Loss::Malformed);
        break;
      case NGHTTP2_GOAWAY:
        if (frame->goaway.error_code != NGHTTP2_NO_ERROR && !session.ending_)
          session.ending_ = Ending::Protocol;
        break;
      default:
        break;
    }
    return 0;
  }

  /// A head that nghttp2 does not send: nobody shall wait for an answer to it. A request's stream
  /// is closed by nghttp2 right after this, trailers leave theirs open.
  static int on_not_sent(nghttp2_session* raw, const nghttp2_frame* frame, int, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    auto* const stream = stream_of(raw, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->lose(stream->reached_ ? Loss::Died : Loss::NotProcessed);
    if (stream->reached_) of(user).reset(*stream, NGHTTP2_INTERNAL_ERROR);
    return 0;
  }

  static ssize_t read_request(nghttp2_session* raw, std::int32_t id, std::uint8_t*,
                              std::size_t length, std::uint32_t* flags, nghttp2_data_source* source,
                              void*) {
    auto& stream = *static_cast<EndpointStream*>(source->ptr);
    const auto count = next_content(raw, id, stream.request_, length, *flags);
    stream.deferred_ = count == NGHTTP2_ERR_DEFERRED;
    return count;
  }

  static int write_content(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head,
                           std::size_t length, nghttp2_data_source* source, void* user) {
    auto& session = of(user);
    auto& stream = *static_cast<EndpointStream*>(source->ptr);
    if (!session.output_.put_content(head, length, stream.request_)) return NGHTTP2_ERR_WOULDBLOCK;
    if (std::exchange(stream.wants_room_, false) && stream.user_ != nullptr)
      stream.user_->on_room();
    return 0;
  }
};

const nghttp2_session_callbacks* endpoint_callbacks() { return callbacks_of<EndpointEvents>(); }

nghttp2_data_provider request_source(EndpointStream& stream) {
  return {.source = {.ptr = &stream}, .read_callback = EndpointEvents::read_request};
}

}  // namespace lb::http2
