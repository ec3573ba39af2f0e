#pragma once

#include "lb/net/buffer.hpp"
#include "lb/net/deadline.hpp"
#include "lb/net/stream.hpp"
#include "lb/proxy/worker_context.hpp"
#include "lb/tls/connection.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace lb::proxy {

/// What a session is waiting for; tells what it means that nothing came.
enum class Wait : std::uint8_t {
  Nothing,
  Handshake,  // of TLS
  Idle,       // for a request, in its coroutine
  Parked,     // for a request, without one
  Head,
  Body,
  BodyRate,  // the same, for as long as its rate allows
  Connect,
  Place,    // at an endpoint, or until one is asked again
  Try,      // for an answer, while somebody else could give it
  GoAhead,  // for an endpoint's 100 (Continue)
  FirstByte,
  BetweenBytes,
  Send,
  Total,
  Tunnel,
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
    case Wait::GoAhead:
      return Timeout::GoAhead;
    case Wait::Handshake:
      return Timeout::Handshake;
    case Wait::Parked:
      return Timeout::KeepAlive;
    case Wait::Head:
      return Timeout::Head;
    case Wait::Body:
    case Wait::BodyRate:
      return Timeout::Body;
    case Wait::Connect:
      return Timeout::Connect;
    case Wait::Try:
    case Wait::FirstByte:
      return Timeout::FirstByte;
    case Wait::BetweenBytes:
      return Timeout::BetweenBytes;
    case Wait::Send:
      return Timeout::Send;
    case Wait::Total:
      return Timeout::Total;
    case Wait::Tunnel:
      return Timeout::Tunnel;
    case Wait::Linger:
      return Timeout::Linger;
  }
  return std::nullopt;
}

/// What a session does while it waits so, for people: `receiving_answer`.
std::string_view state_of(Wait wait);

class ClientConnection;

/// The one deadline of a session. When it passes, whatever the session waits for on either side
/// ends with `operation_aborted` and `expired()` tells why.
class Watchdog final : public net::Deadline {
 public:
  Watchdog(net::DeadlineWheel& wheel, ClientConnection& client)
      : Deadline{wheel}, client_{client} {}

  void expect(Wait what, common::TimePoint until) {
    waiting_ = what;
    expired_ = Wait::Nothing;
    set(std::min(until, total_until_));
  }
  Wait expired() const { return expired_; }
  Wait waiting() const { return waiting_; }
  /// No wait goes beyond `until`, whatever it is for.
  void limit_total(common::TimePoint until) { total_until_ = until; }
  /// The endpoint's side, while there is one.
  void watch(net::Stream* upstream) { upstream_ = upstream; }
  /// A wait for a place at an endpoint, while there is one.
  void watch(upstream::PlaceWait* place) { place_ = place; }
  /// Ends whatever the session waits for.
  void end_waits();
  /// Ends the exchange now; every later wait ends at once, too.
  void expire() {
    total_until_ = common::Clock::now();
    set(total_until_);
  }

 private:
  void on_deadline() override;

  ClientConnection& client_;
  net::Stream* upstream_{nullptr};
  upstream::PlaceWait* place_{nullptr};
  common::TimePoint total_until_{common::TimePoint::max()};
  Wait waiting_{Wait::Nothing};
  Wait expired_{Wait::Nothing};
};

/// A client's connection as the exchanges on it share it.
class ClientConnection {
 public:
  ClientConnection(WorkerContext& w, net::Socket&& socket, const common::IpAddress& a,
                   telemetry::ListenerId l)
      : worker{w}, stream{std::move(socket)}, watchdog{w.wheel, *this}, address{a}, listener{l} {}
  /// One of many that share a connection; `layer` stands on no socket.
  ClientConnection(WorkerContext& w, std::unique_ptr<net::Layer> layer, const common::IpAddress& a,
                   telemetry::ListenerId l)
      : worker{w},
        stream{w.executor, std::move(layer)},
        watchdog{w.wheel, *this},
        address{a},
        listener{l} {}
  virtual ~ClientConnection() = default;
  /// That its octets come by.
  virtual net::Socket& socket() { return stream.socket(); }
  /// A parked connection has been silent for too long.
  virtual void on_parked_too_long() = 0;
  /// Strict-Transport-Security of every answer; empty: none (RFC 6797 §7.2: never in the clear).
  std::string_view hsts() const { return tls != nullptr ? tls->hsts() : std::string_view{}; }

  WorkerContext& worker;
  net::Stream stream;
  tls::Connection* tls{nullptr};  // the stream's layer, once it is established
  Watchdog watchdog;
  net::Buffer input;
  common::IpAddress address;  // of our peer
  telemetry::ListenerId listener;
  std::uint16_t port{0};               // its port, when a header of the PROXY protocol told it
  std::string_view version{};          // of HTTP; empty: as each request says
  bool may_half_close{true};           // an end right behind a request may mean no more than that
  bool half_closed{false};             // it has said that it sends no more, together with a request
  bool leaving{false};                 // its listener is gone: the answer under way is the last
  std::uint32_t requests{0};           // begun on this connection
  overload::ClientTable::Place place;  // among the connections of its client
};

inline void Watchdog::end_waits() {
  client_.stream.cancel();
  if (upstream_ != nullptr) upstream_->cancel();
  if (place_ != nullptr) place_->cancel();
}

inline void Watchdog::on_deadline() {
  expired_ = total_until_ <= common::Clock::now() ? Wait::Total : waiting_;
  if (const auto kind = timeout_of(expired_)) client_.worker.counters->add(*kind);
  end_waits();
  if (waiting_ == Wait::Parked) client_.on_parked_too_long();
}

}  // namespace lb::proxy
