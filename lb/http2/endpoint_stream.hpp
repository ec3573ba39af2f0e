#pragma once

#include "common/time.hpp"
#include "lb/http2/answer_text.hpp"
#include "lb/http2/content.hpp"
#include "lb/http2/stream.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lb::http2 {

class EndpointSession;

/// What became of a request whose answer is not whole.
enum class Loss : std::uint8_t {
  None,
  Died,          // the endpoint gave it up, or the connection ended: it may have been done
  NotProcessed,  // the endpoint has not looked at it (RFC 9113 §8.7): it may be sent again, to
                 // anybody
  Malformed,     // the answer was none
};

/// One request to an endpoint and its answer, as octets of HTTP/1.1. Belongs to its session; lives
/// as long as it has a user or the endpoint must still be heard.
class EndpointStream : public memory::Recycled {
 public:
  enum class Seen : std::uint8_t {
    Nothing,
    Content,
    End,   // of the answer: no more will come
    Lost,  // see `loss()`
  };

  EndpointStream(EndpointSession& session, StreamUser& user) : session_{session}, user_{&user} {}
  EndpointStream(const EndpointStream&) = delete;
  EndpointStream& operator=(const EndpointStream&) = delete;

  /// Takes octets of the request off the front of `octets`, the head only as a whole, until it
  /// holds as much as it may. False: it is not heard any more. A request that finds no room on the
  /// connection waits for some.
  bool write(std::string_view& octets);
  /// No more will be written. A request that is not whole is reset.
  void end();
  void abort();

  Seen look() const;
  /// Octets of the answer: heads, content with the framing that its head announces, trailers. The
  /// endpoint may then send as much anew. 0: see `look()`.
  std::size_t read(std::span<char> space);
  Loss loss() const { return loss_; }

  /// Nobody waits for it any more: the endpoint is told so, unless it is done. The stream may be
  /// gone afterwards.
  void end_use(common::TimePoint now);

 private:
  friend class EndpointSession;
  friend struct EndpointEvents;

  bool write_head(std::string_view& octets);
  void resume();
  void lose(Loss loss);
  void tell() {
    if (user_ == nullptr) return;
    user_->on_content();
    user_->on_room();
  }
  bool is_alive() const { return !closed_ && loss_ == Loss::None; }
  /// What is still to come of the answer is no more than its end.
  bool is_answered() const {
    return answer_.has_ended() || (final_ && !tunnel_ && content_left_ == 0);
  }

  EndpointSession& session_;
  StreamUser* user_;
  std::int32_t id_{0};  // 0: it waits for room
  Loss loss_{Loss::None};
  bool reached_{false};     // its head has gone to the endpoint
  bool closed_{false};      // for nghttp2 it is no more
  bool final_{false};       // the head of the final answer has come
  bool tunnel_{false};      // that was the last of HTTP
  bool wants_room_{false};  // `write` has not taken all
  bool deferred_{false};    // nghttp2 has asked for content in vain
  std::uint32_t interim_{0};
  std::uint64_t content_left_{0};  // of the answer, when its head tells the length; else no limit
  std::string head_;               // while it waits for room
  Asked asked_;
  LeavingContent request_;
  ArrivedContent answer_;
  common::TimePoint linger_until_{common::TimePoint::max()};
};

}  // namespace lb::http2
