#pragma once

#include "common/time.hpp"
#include "lb/http2/content.hpp"
#include "lb/memory/recycler.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lb::http2 {

class Session;

/// Who serves a request. Told, it may read and write at once, but not end the stream's use.
class StreamUser {
 public:
  virtual ~StreamUser() = default;
  /// There is content, or its end, or the stream was reset.
  virtual void on_content() = 0;
  /// `write` may take more than it did.
  virtual void on_room() = 0;
};

/// One request and its answer, as octets of HTTP/1.1. Belongs to its session; lives as long as it
/// has a user or its client waits for something.
class Stream : public memory::Recycled {
 public:
  enum class Seen : std::uint8_t {
    Nothing,
    Content,
    End,    // of a tunnel: its client sends no more
    Reset,  // by either side, or the connection is gone
  };

  Stream(Session& session, std::int32_t id) : session_{session}, id_{id} {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Which of its connection it is.
  std::int32_t id() const { return id_; }
  /// The request's head; empty when it was too large.
  std::string_view head() const { return head_; }
  /// It is not asked for again.
  void drop_head() { head_ = {}; }

  /// From here on somebody serves it.
  void begin_use(StreamUser& user) { user_ = &user; }
  /// Nobody does any more; what it has written still goes. The stream may be gone afterwards.
  void end_use(common::TimePoint now);

  Seen look() const;
  /// Content of the request with the framing its head announces. The client may then send as much
  /// anew. 0: see `look()`.
  std::size_t read(std::span<char> space);

  /// Takes octets of the answer off the front of `octets`, a head only as a whole, until it holds
  /// as much as it may. False: that is no answer, or nobody waits for it any more.
  bool write(std::string_view& octets);
  /// No more will be written. An answer that is not whole is reset.
  void end();
  void abort();

 private:
  friend class Session;
  friend struct Events;

  bool write_head(std::string_view& octets);
  bool write_content(std::string_view& octets);
  bool is_open_for_answer() const { return !closed_ && !reset_; }
  void resume();
  void reset(std::uint32_t code);
  void tell_content() {
    if (user_ != nullptr) user_->on_content();
  }

  Session& session_;
  StreamUser* user_{nullptr};
  std::int32_t id_;
  bool tunnel_{false};
  bool is_head_{false};  // HEAD: the answer has no content
  bool ready_{false};    // waits for somebody to serve it
  bool reset_{false};
  bool reset_by_us_{false};
  bool closed_{false};      // for nghttp2 it is no more
  bool wants_room_{false};  // `write` has not taken all
  bool deferred_{false};    // nghttp2 has asked for content in vain
  bool end_sent_{false};

  std::string head_;
  ArrivedContent request_;
  LeavingContent answer_;
  common::TimePoint moved_at_{};  // when some of it went last
};

}  // namespace lb::http2
