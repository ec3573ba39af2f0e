#pragma once

#include "lb/net/buffer.hpp"
#include "lb/net/deadline.hpp"
#include "lb/net/stream.hpp"
#include "lb/proxy/worker_context.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace lb::proxy {

/// What a session is waiting for; tells what it means that nothing came.
enum class Wait : std::uint8_t {
  Nothing,
  Idle,            // for a request, with a buffer at hand
  IdleUnbuffered,  // for a request, the buffer given back
  Head,
  Body,
  Connect,
  Place,
  FirstByte,
  BetweenBytes,
  Send,
  Total,
  Linger,
};

/// What is counted when a wait was in vain; nothing for one that means no harm.
inline std::optional<telemetry::Timeout> timeout_of(Wait wait) {
  using telemetry::Timeout;
  switch (wait) {
    case Wait::Nothing:
    case Wait::Idle:
    case Wait::Place:  // has its own limit and reason
      return std::nullopt;
    case Wait::IdleUnbuffered:
      return Timeout::KeepAlive;
    case Wait::Head:
      return Timeout::Head;
    case Wait::Body:
      return Timeout::Body;
    case Wait::Connect:
      return Timeout::Connect;
    case Wait::FirstByte:
      return Timeout::FirstByte;
    case Wait::BetweenBytes:
      return Timeout::BetweenBytes;
    case Wait::Send:
      return Timeout::Send;
    case Wait::Total:
      return Timeout::Total;
    case Wait::Linger:
      return Timeout::Linger;
  }
  return std::nullopt;
}

/// The one deadline of a session. When it passes, whatever the session waits for on either side
/// ends with `operation_aborted` and `expired()` tells why.
class Watchdog final : public net::Deadline {
 public:
  Watchdog(net::DeadlineWheel& wheel, net::Stream& client, telemetry::WorkerCounters& counters)
      : Deadline{wheel}, client_{client}, counters_{counters} {}

  void expect(Wait what, common::TimePoint until) {
    waiting_ = what;
    expired_ = Wait::Nothing;
    set(std::min(until, total_until_));
  }
  Wait expired() const { return expired_; }
  /// No wait goes beyond `until`, whatever it is for.
  void limit_total(common::TimePoint until) { total_until_ = until; }
  /// The endpoint's side, while there is one.
  void watch(net::Stream* upstream) { upstream_ = upstream; }
  /// A wait for a place at an endpoint, while there is one.
  void watch(upstream::PlaceWait* place) { place_ = place; }
  /// Ends the exchange now; every later wait ends at once, too.
  void expire() {
    total_until_ = common::Clock::now();
    set(total_until_);
  }

 private:
  void on_deadline() override {
    expired_ = total_until_ <= common::Clock::now() ? Wait::Total : waiting_;
    if (const auto kind = timeout_of(expired_)) counters_.add(*kind);
    client_.cancel();
    if (upstream_ != nullptr) upstream_->cancel();
    if (place_ != nullptr) place_->cancel();
  }

  net::Stream& client_;
  telemetry::WorkerCounters& counters_;
  net::Stream* upstream_{nullptr};
  upstream::PlaceWait* place_{nullptr};
  Wait waiting_{Wait::Nothing};
  Wait expired_{Wait::Nothing};
  common::TimePoint total_until_{common::TimePoint::max()};
};

/// A client's connection as the exchanges on it share it.
struct ClientConnection {
  ClientConnection(WorkerContext& w, net::Socket&& socket, const common::IpAddress& a,
                   telemetry::ListenerId l)
      : worker{w},
        stream{std::move(socket)},
        watchdog{w.wheel, stream, *w.counters},
        address{a},
        listener{l} {}

  WorkerContext& worker;
  net::Stream stream;
  Watchdog watchdog;
  net::Buffer input;
  common::IpAddress address;
  telemetry::ListenerId listener;
};

}  // namespace lb::proxy
