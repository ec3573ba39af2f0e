#pragma once

#include "common/time.hpp"
#include "lb/http2/closed_streams.hpp"
#include "lb/http2/ending.hpp"
#include "lb/http2/flood_guard.hpp"
#include "lb/http2/frame_tracker.hpp"
#include "lb/http2/options.hpp"
#include "lb/http2/output.hpp"
#include "lb/http2/request_text.hpp"
#include "lb/http2/stream.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

struct nghttp2_session;

namespace lb::http2 {

/// Who has the connection.
class SessionUser {
 public:
  virtual ~SessionUser() = default;
  /// Something may have to be sent, or the next deadline be another one. Not to be acted upon at
  /// once.
  virtual void on_change() = 0;
  /// 16 octets nobody can guess.
  virtual std::array<char, 16> nonce() = 0;
};

/// What has been counted since it was asked for last.
struct Totals {
  std::uint32_t streams{0};  // begun
  std::uint32_t refused{0};  // of them: there were too many
  std::uint32_t resets{0};   // by the client
  std::uint32_t errors{0};   // streams reset for what the client had sent
  std::uint32_t stalled{0};  // answers not taken in time
};

/// The HTTP/2 of one connection: octets of the client in, requests out; answers in, octets out.
/// Every call that may change anything is told `now`; afterwards `next_deadline()` may be another.
class Session {
 public:
  /// After the first GOAWAY of a drain, until the one that counts; less when the client shows
  /// sooner that it has seen it (RFC 9113 §6.8).
  static constexpr auto kNotice = std::chrono::seconds{1};
  /// How often is looked for answers that nobody takes.
  static constexpr auto kStallCheck = std::chrono::milliseconds{500};
  /// After an answer that did not wait for the request's content: how long that may still come, no
  /// more than the stream's window, before the stream is reset. Some clients take a reset for the
  /// loss of the answer.
  static constexpr auto kLinger = std::chrono::seconds{1};
  /// Field sections may unpack to so many times the limit of a head before the connection ends.
  static constexpr std::size_t kMostUnpacked = 8;
  /// Streams, those included that are closed and still served, to those that may be open.
  static constexpr std::size_t kMostServed = 2;

  /// Throws bad_alloc. `most_requests`: the connection drains after as many.
  Session(SessionUser& user, const Options& options, const http1::Limits& limits,
          const Times& times, std::uint32_t most_requests, common::TimePoint now);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Octets from the client.
  void receive(std::string_view octets, common::TimePoint now);
  /// The next request that nobody serves yet; null when there is none.
  Stream* next_request();

  /// Octets to the client, as many as there are and `space` takes, which has room for
  /// `kLeastSpace`. Call until it gives 0.
  static constexpr std::size_t kLeastSpace = (16U << 10U) + 9;
  std::size_t produce(std::span<char> space, common::TimePoint now);
  /// What `produce` gave has left, `all` of it or some.
  void on_sent(bool all, common::TimePoint now);
  bool wants_to_send() const;

  common::TimePoint next_deadline() const;
  void on_deadline(common::TimePoint now);

  /// Takes no new streams, soon; ends when those there are have ended.
  void drain(common::TimePoint now);
  /// Says why, and that is all.
  void end(Ending why) { end(why, error_code_of(why)); }
  /// The client is gone: so are all streams.
  void on_gone();

  /// Nothing is to be said or heard any more.
  bool is_over() const;
  /// There is nobody to say anything to.
  bool is_gone() const { return gone_; }
  /// Why; while it is not over: why it will be.
  Ending ending() const;
  bool has_streams() const { return !streams_.empty(); }
  common::TimePoint idle_since() const { return idle_since_; }
  Totals take_totals() { return std::exchange(totals_, {}); }

 private:
  friend class Stream;
  friend struct Events;  // what nghttp2 tells: session_events.cpp

  enum class Drain : std::uint8_t { No, Noticed, Final };

  void end(Ending why, std::uint32_t code);
  void feed(std::string_view octets);
  void judge(const FrameHead& head);
  void watch_head(common::TimePoint now);
  void finish_drain();
  void reset_stalled(common::TimePoint now);
  void consume(const Stream& stream, std::size_t octets);
  void discard(std::size_t octets);
  void settle(Stream& stream);
  void forget(Stream& stream);

  SessionUser& user_;
  http1::Limits limits_;
  Times times_;
  std::uint32_t most_streams_;
  std::uint32_t requests_left_;
  nghttp2_session* session_{nullptr};
  FrameTracker tracker_;
  FloodGuard guard_;
  ClosedStreams closed_;
  std::int32_t highest_{0};  // number of a stream that the client has used
  std::uint32_t open_{0};    // streams, as nghttp2 counts them
  RequestText request_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<Stream*> ready_;
  std::optional<Ending> ending_;
  Totals totals_;
  Output output_;
  common::TimePoint now_;  // of the call under way

  // Deadlines; max() for none.
  common::TimePoint idle_since_;
  common::TimePoint idle_until_;
  common::TimePoint head_until_{common::TimePoint::max()};
  common::TimePoint send_until_{common::TimePoint::max()};
  common::TimePoint stalled_at_{common::TimePoint::max()};  // then is looked
  common::TimePoint final_at_{common::TimePoint::max()};
  std::uint64_t head_number_{0};
  Drain drain_{Drain::No};
  bool deaf_{false};  // what the client sends is not looked at any more
  bool gone_{false};
};

}  // namespace lb::http2
