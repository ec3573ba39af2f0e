#pragma once

#include "lb/http2/endpoint_session.hpp"
#include "lb/net/buffer.hpp"
#include "lb/net/stream.hpp"
#include "lb/tls/client.hpp"
#include "lb/tls/connection.hpp"
#include "lb/upstream/endpoint.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace lb::upstream {

/// What a connection takes of the thread that it lives on.
struct LinkHome {
  net::Executor executor;
  net::BufferPool& input;
  net::BufferPool& output;                         // of `EndpointSession::kLeastSpace` or more
  telemetry::WorkerCounters* counters{nullptr};    // null: nobody counts
  telemetry::EndpointCounters* endpoint{nullptr};  // the same
  std::shared_ptr<const void> owner{};             // of all this; null: it outlives the connection
};

/// Where a connection goes, and how it is spoken to there.
struct LinkTarget {
  net::asio::ip::tcp::endpoint address;
  http2::EndpointOptions options;
  std::shared_ptr<const tls::Client> tls{};  // null: in the clear, by prior knowledge
  std::shared_ptr<tls::SessionSlot> session{};
  std::chrono::milliseconds connect_timeout{1000};  // until the endpoint's SETTINGS have come
};

/// One connection of HTTP/2 to an endpoint, shared by the exchanges of a worker: each has a
/// `Connection` of its own, whose stream stands on no socket. Lives as long as it is connected or
/// somebody holds it.
class Http2Link final : public std::enable_shared_from_this<Http2Link>, http2::EndpointSessionUser {
 public:
  /// An endpoint that acknowledges nothing for so long is gone, whatever its requests wait for.
  static constexpr auto kDeadAfter = std::chrono::seconds{10};
  /// As is one that takes nothing of what is to be sent.
  static constexpr auto kSendTimeout = std::chrono::seconds{30};

  /// Begins to connect.
  static std::shared_ptr<Http2Link> open(LinkHome home, LinkTarget target);
  Http2Link(LinkHome home, LinkTarget target);
  ~Http2Link() override;

  /// A stream for one exchange, while `is_open()`. It is to wait until the stream is writable
  /// before it writes, unless `is_ready()`.
  std::unique_ptr<Connection> lend();
  bool is_open() const { return !over_ && session_.is_open(); }
  /// Whether one more exchange need not wait for others to end.
  bool has_room() const { return session_.has_room(); }
  bool is_ready() const { return session_.is_ready() && !over_; }
  std::size_t streams() const { return session_.streams(); }
  /// Since when nobody uses it; nothing while somebody does.
  bool has_idled(common::TimePoint since) const {
    return is_ready() && !session_.has_streams() && session_.idle_since() < since;
  }
  /// Takes no more exchanges, and ends when the last has ended.
  void leave();
  /// Ends now, whatever is under way.
  void cut();

  /// Why it did not come about; `timed_out`, when that took too long.
  const boost::system::error_code& failure() const { return failure_; }
  /// That, for a person: `the endpoint did not choose h2`.
  const std::string& reason() const { return reason_; }
  const net::asio::ip::tcp::endpoint& address() const { return target_.address; }

 private:
  class Layer;

  void on_change() override;
  static net::Awaitable<> run(std::shared_ptr<Http2Link> self);
  static net::Awaitable<> send_rest(std::shared_ptr<Http2Link> self);
  net::Awaitable<boost::system::error_code> connect();
  net::Awaitable<boost::system::error_code> secure();
  void recognise_the_dead();
  void limit_connecting();
  void on_ready();
  void look_after();
  bool send(common::TimePoint now);
  void set_timer();
  void finish();
  void count();

  LinkHome home_;
  LinkTarget target_;
  net::Stream stream_;
  telemetry::Held counted_;
  common::TimePoint began_;
  http2::EndpointSession session_;
  net::Buffer input_;
  net::Buffer output_;
  net::Timer limit_;  // of connecting
  net::Timer timer_;
  common::TimePoint timer_at_{common::TimePoint::max()};
  common::TimePoint stuck_at_{common::TimePoint::max()};
  boost::system::error_code failure_;
  std::string reason_;
  bool connected_{false};
  bool ready_{false};  // that has been seen
  bool lent_before_{false};
  bool late_{false};
  bool posted_{false};   // look_after will be called
  bool sending_{false};  // the socket takes no more at once
  bool broken_{false};   // nothing can be sent any more
  bool over_{false};
};

}  // namespace lb::upstream
