#pragma once

#include "common/time.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

namespace lb::telemetry {

/// What two workers write stands on different lines, or each would wait for the other's.
inline constexpr std::size_t kCacheLine = 64;

/// A number written by one thread and read by any: no locked instruction on the hot path.
class Count {
 public:
  void add(std::uint64_t more = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t less) {
    value_.store(value_.load(std::memory_order_relaxed) - less, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// One more in a gauge for as long as it lives. The gauge outlives it.
class Held {
 public:
  Held() = default;
  explicit Held(Count& gauge) : gauge_{&gauge} { gauge.add(); }
  Held(Held&& other) noexcept : gauge_{std::exchange(other.gauge_, nullptr)} {}
  Held& operator=(Held&& other) noexcept {
    std::swap(gauge_, other.gauge_);
    return *this;
  }
  ~Held() {
    if (gauge_ != nullptr) gauge_->subtract(1);
  }

 private:
  Count* gauge_{nullptr};
};

/// Upper bounds of every histogram of durations; one more bucket takes the rest.
inline constexpr std::array<std::chrono::microseconds, 14> kDurationBounds{
    std::chrono::microseconds{500},       std::chrono::microseconds{1'000},
    std::chrono::microseconds{2'500},     std::chrono::microseconds{5'000},
    std::chrono::microseconds{10'000},    std::chrono::microseconds{25'000},
    std::chrono::microseconds{50'000},    std::chrono::microseconds{100'000},
    std::chrono::microseconds{250'000},   std::chrono::microseconds{500'000},
    std::chrono::microseconds{1'000'000}, std::chrono::microseconds{2'500'000},
    std::chrono::microseconds{5'000'000}, std::chrono::microseconds{10'000'000}};

struct DurationHistogram {
  std::array<Count, kDurationBounds.size() + 1> buckets;
  Count sum_us;

  void add(common::Duration duration);
};

enum class Retry : std::uint8_t { NotConnected, ConnectionDied, EndpointLost, TryTimeout };
inline constexpr std::size_t kRetryCount = 4;

/// How an attempt at an endpoint ended.
enum class Outcome : std::uint8_t {
  Answered,     // with a status below 500
  ServerError,  // 5xx
  NotConnected,
  ConnectTimeout,
  ConnectionDied,
  Timeout,  // connected, but no answer in time
  BadAnswer,
  Abandoned,  // by us or by the client; says nothing about the endpoint
};
inline constexpr std::size_t kOutcomeCount = 8;

/// Which limit of time struck.
enum class Timeout : std::uint8_t {
  Head,
  Body,
  Connect,
  FirstByte,
  BetweenBytes,
  Send,
  KeepAlive,
  Tunnel,
  Total,
  Linger,
  Handshake,
  GoAhead,
};
inline constexpr std::size_t kTimeoutCount = 12;

/// Why a client's connection was closed before it was served.
enum class Rejected : std::uint8_t {
  Denied,       // by the listener's list of addresses
  ProxyHeader,  // the PROXY protocol's header was missing, wrong or not allowed
  PerClient,    // too many of one client
  Overload,     // memory or the loop's lag
  Descriptors,  // none left: the reserve took it
};
inline constexpr std::size_t kRejectedCount = 5;

/// How TLS connections came about, or why not, on one side.
struct TlsCounters {
  static constexpr std::size_t kFailures = 8;  // as tls::Failure has them

  std::array<Count, 4> handshakes;  // TLS 1.2, TLS 1.2 resumed, TLS 1.3, TLS 1.3 resumed
  std::array<Count, kFailures> failures;
  Count ktls;    // of the handshakes: the kernel encrypts
  Count floods;  // connections ended for records in which nothing was said

  void add_handshake(bool tls13, bool resumed) {
    handshakes[(tls13 ? 2U : 0U) + (resumed ? 1U : 0U)].add();
  }
};

/// HTTP/2 with clients.
struct Http2Counters {
  static constexpr std::size_t kEndings = 17;  // as http2::Ending has them

  Count connections;
  Count streams;  // begun
  Count refused;  // of them, as there were too many
  Count resets;   // of streams, by the client
  Count errors;   // streams reset for what the client had sent
  std::array<Count, kEndings> endings;
};

/// HTTP/2 with endpoints.
struct Http2EndpointCounters {
  static constexpr std::size_t kEndings = 17;  // as http2::Ending has them

  Count connections;    // that came about
  Count streams;        // requests sent
  Count not_processed;  // requests given back by the endpoint, or not sent: they may be repeated
  Count resets;         // of streams, by the endpoint
  Count malformed;      // answers
  Count cancelled;      // requests that nobody waited for any more
  std::array<Count, kEndings> endings;
};

/// What one worker counts of one endpoint.
struct alignas(kCacheLine) EndpointCounters {
  std::array<Count, kOutcomeCount> outcomes;
  Count connections;             // opened since the start
  DurationHistogram connecting;  // of those that came about
  DurationHistogram answering;   // from asking, connecting included, to the answer's head

  void add(Outcome outcome) { outcomes[static_cast<std::size_t>(outcome)].add(); }
};

/// What one worker counts of one upstream's queue.
struct alignas(kCacheLine) UpstreamCounters {
  Count queued;  // a gauge
  Count queue_full;
  Count queue_timeouts;
  DurationHistogram queueing;  // of those who had to wait
};

/// What one worker counts as a whole.
struct alignas(kCacheLine) WorkerCounters {
  static constexpr std::size_t kMostRefusals = 128;

  Count client_connections;           // accepted since the start
  Count active_client_connections;    // a gauge
  Count upstream_connections;         // opened since the start
  Count active_upstream_connections;  // a gauge
  Count active_requests;              // a gauge
  Count accept_pauses;
  Count overload_level;  // a gauge: overload::Level
  Count shed_idle;       // idle connections closed for want of room
  Count used_up;         // connections ended because they had had their requests
  Count bytes_received;
  Count bytes_sent;
  Count access_log_dropped;  // lines
  Count spans_dropped;
  DurationHistogram loop_lag;  // how late the event loop was, a look each tick of its wheel
  Count loop_lag_us;           // a gauge: the latest of those
  std::array<Count, kMostRefusals> refusals;
  std::array<Count, kRetryCount> retries;
  std::array<Count, kTimeoutCount> timeouts;
  std::array<Count, kRejectedCount> rejected;
  TlsCounters client_tls;
  TlsCounters upstream_tls;
  Http2Counters client_http2;
  Http2EndpointCounters upstream_http2;

  void add(Retry reason) { retries[static_cast<std::size_t>(reason)].add(); }
  void add(Timeout kind) { timeouts[static_cast<std::size_t>(kind)].add(); }
  void add(Rejected reason) { rejected[static_cast<std::size_t>(reason)].add(); }
};

/// What the control thread counts.
struct ControlCounters {
  Count reloads_applied;
  Count reloads_refused;
  Count last_reload_ok;    // 1 or 0
  Count last_reload_time;  // of the last one applied: seconds since 1970
  /// Of certificates, anew, as a file had changed.
  struct Reads {
    Count applied;
    Count refused;  // and kept as they were
  };
  Reads listener_reads;
  Reads upstream_reads;
  Count access_log_lost;  // lines; written by the log's thread alone
  Count spans_sent;       // these two by the exporter's
  Count spans_lost;       // handed over, not taken by the collector
};

}  // namespace lb::telemetry
