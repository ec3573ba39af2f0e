#pragma once

#include "common/time.hpp"
#include "lb/balancing/sticky.hpp"
#include "lb/http2/endpoint_stream.hpp"
#include "lb/net/intrusive_list.hpp"
#include "lb/net/stream.hpp"
#include "lb/tls/client.hpp"
#include "lb/upstream/http2_links.hpp"
#include "lb/upstream/roster_view.hpp"

#include <memory>
#include <string>
#include <vector>

namespace lb::upstream {

/// One connection to an endpoint, used by one exchange at a time.
struct Connection {
  Connection(const net::Executor& executor, telemetry::Count& gauge)
      : stream{executor}, counted{gauge} {}
  /// A share in a connection; `layer` stands on no socket.
  Connection(const net::Executor& executor, std::unique_ptr<net::Layer> layer)
      : stream{executor, std::move(layer)} {}
  virtual ~Connection() = default;
  /// What became of a request that got no whole answer.
  virtual http2::Loss loss() const { return http2::Loss::Died; }
  /// It is one of those who have a connection together.
  virtual bool is_share() const { return false; }
  /// It may be written at. A share in one that is being made becomes writable when it is, or when
  /// it has failed.
  virtual bool is_ready() const { return true; }
  /// Why it did not become ready.
  virtual boost::system::error_code failure() const { return {}; }

  net::Stream stream;
  telemetry::Held counted;
  std::shared_ptr<const tls::Client> secured_by{};  // null: it is in the clear
  bool reused{false};                               // has carried an exchange before
  common::TimePoint idle_since{};
};

/// Somebody who has asked an endpoint and has no octet of an answer yet.
class Waiter : public net::ListHook {
 public:
  virtual ~Waiter() = default;
  /// The checks have taken the endpoint out; the answer will probably never come.
  virtual void on_endpoint_lost() = 0;
};

/// One address of an upstream, as one worker sees it.
struct Endpoint {
  std::size_t index{0};  // its slot within its upstream
  std::string name;
  net::asio::ip::tcp::endpoint address;
  std::shared_ptr<EndpointShared> shared;
  telemetry::EndpointCounters* counters{nullptr};  // of this worker, in `shared`
  std::uint32_t most_connections{0};               // exchanges of all workers; 0: no limit
  bool usable{true};
  bool gone{false};                             // no longer in the upstream; what runs here goes on
  std::uint32_t leases{0};                      // exchanges of this worker
  balancing::StickyId sticky_id{};              // while the upstream is sticky
  std::shared_ptr<tls::SessionSlot> session{};  // what the next TLS connection may resume
  std::vector<std::unique_ptr<Connection>> idle;  // the warmest last
  Http2Links links;                               // those that are shared
  net::IntrusiveList<Waiter> waiters;
};

}  // namespace lb::upstream
