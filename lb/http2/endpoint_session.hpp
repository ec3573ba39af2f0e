#pragma once

#include "common/time.hpp"
#include "lb/http2/answer_text.hpp"
#include "lb/http2/ending.hpp"
#include "lb/http2/endpoint_stream.hpp"
#include "lb/http2/flood_guard.hpp"
#include "lb/http2/frame_tracker.hpp"
#include "lb/http2/options.hpp"
#include "lb/http2/output.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace lb::http2 {

/// Who has the connection to an endpoint.
class EndpointSessionUser {
 public:
  virtual ~EndpointSessionUser() = default;
  /// Something may have to be sent, or the next deadline be another one. Not to be acted upon at
  /// once.
  virtual void on_change() = 0;
};

/// What has been counted since it was asked for last.
struct EndpointTotals {
  std::uint32_t streams{0};        // requests sent
  std::uint32_t not_processed{0};  // of them, and of those not sent yet
  std::uint32_t resets{0};         // by the endpoint
  std::uint32_t malformed{0};      // answers
  std::uint32_t cancelled{0};      // by us: nobody waited any more
};

/// The HTTP/2 of one connection to an endpoint: requests as octets of HTTP/1.1 in, octets for the
/// endpoint out; its octets in, answers out. Every call that may change anything is told `now`;
/// afterwards `next_deadline()` may be another.
class EndpointSession {
 public:
  /// Octets of all answers that may be on their way. What arrives is at once allowed anew here, as
  /// the window of each stream is what bounds memory.
  static constexpr std::int32_t kConnectionWindow = 1 << 20;
  /// Requests that wait for room on the connection. Who comes then is told that it was not done.
  static constexpr std::size_t kMostWaiting = 1024;
  static constexpr std::uint32_t kMostInterim = 32;  // 1xx before one answer
  /// An answer is whole, its stream is not: how long the endpoint may take to end it.
  static constexpr auto kLinger = std::chrono::seconds{2};
  /// A field section may unpack to so many times the limit of a head before the connection ends.
  static constexpr std::size_t kMostUnpacked = 4;

  /// Throws bad_alloc. `secure`: TLS is spoken, which the endpoint is told as the scheme.
  EndpointSession(EndpointSessionUser& user, const EndpointOptions& options, bool secure,
                  common::TimePoint now);
  ~EndpointSession();
  EndpointSession(const EndpointSession&) = delete;
  EndpointSession& operator=(const EndpointSession&) = delete;

  /// Octets from the endpoint.
  void receive(std::string_view octets, common::TimePoint now);
  /// Its first SETTINGS have come: it speaks HTTP/2, and how many streams it takes is known.
  bool is_ready() const { return ready_; }

  /// For one request, while `is_open()`.
  EndpointStream& open(StreamUser& user);
  /// Takes more requests at all: nobody has said that the connection ends.
  bool is_open() const { return !leaving_ && !ending_ && !gone_; }
  /// Takes one more without making it wait.
  bool has_room() const { return streams_.size() < most_streams(); }
  std::size_t streams() const { return streams_.size(); }
  bool has_streams() const { return !streams_.empty(); }
  common::TimePoint idle_since() const { return idle_since_; }

  static constexpr std::size_t kLeastSpace = (16U << 10U) + 9;
  /// Octets to the endpoint, as many as there are and `space` takes, which has room for
  /// `kLeastSpace`. Call until it gives 0.
  std::size_t produce(std::span<char> space, common::TimePoint now);
  bool wants_to_send() const;

  common::TimePoint next_deadline() const;
  void on_deadline(common::TimePoint now);

  /// Takes no more requests; ends when those there are have ended.
  void leave(common::TimePoint now);
  void end(Ending why) { end(why, error_code_of(why)); }
  /// The endpoint is gone: so are all streams.
  void on_gone(common::TimePoint now);

  /// Nothing is to be said or heard any more.
  bool is_over() const;
  Ending ending() const;
  EndpointTotals take_totals() { return std::exchange(totals_, {}); }

 private:
  friend class EndpointStream;
  friend struct EndpointEvents;  // what nghttp2 tells: endpoint_events.cpp

  void end(Ending why, std::uint32_t code);
  void feed(std::string_view octets);
  std::size_t most_streams() const;
  bool takes_tunnels() const;
  void submit_waiting();
  bool submit(EndpointStream& stream, std::string_view head);
  void reset(EndpointStream& stream, std::uint32_t code);
  void consume(const EndpointStream& stream, std::size_t octets);
  void give_up_waiting();
  void settle(EndpointStream& stream);
  void forget(EndpointStream& stream);

  EndpointSessionUser& user_;
  std::uint32_t most_streams_;
  bool secure_;
  nghttp2_session* session_{nullptr};
  FrameTracker tracker_{0};
  FloodGuard guard_;
  AnswerText answer_;
  std::vector<std::unique_ptr<EndpointStream>> streams_;
  std::vector<EndpointStream*> waiting_;  // for room, first come first
  std::size_t submitted_{0};              // streams that nghttp2 has
  std::size_t unpacked_{0};               // octets of the field section that is coming
  std::optional<Ending> ending_;
  EndpointTotals totals_;
  Output output_;
  common::TimePoint now_;  // of the call under way
  common::TimePoint idle_since_;
  bool ready_{false};
  bool leaving_{false};
  bool deaf_{false};
  bool gone_{false};
};

}  // namespace lb::http2
