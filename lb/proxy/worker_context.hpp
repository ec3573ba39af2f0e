#pragma once

#include "lb/filters/filter.hpp"
#include "lb/http/date.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/net/buffer.hpp"
#include "lb/net/deadline.hpp"
#include "lb/net/pipe.hpp"
#include "lb/overload/client_table.hpp"
#include "lb/overload/shedding.hpp"
#include "lb/proxy/exchange_notes.hpp"
#include "lb/proxy/proxy_options.hpp"
#include "lb/proxy/request_id.hpp"
#include "lb/proxy/session_view.hpp"
#include "lb/routing/route_table.hpp"
#include "lb/telemetry/access_log.hpp"
#include "lb/telemetry/counters.hpp"
#include "lb/telemetry/recent_errors.hpp"
#include "lb/telemetry/series.hpp"
#include "lb/telemetry/span.hpp"
#include "lb/upstream/upstream.hpp"

#include <memory>
#include <vector>

namespace lb::proxy {

/// What one worker serves by; an exchange keeps the one it began with.
struct Site {
  ProxyOptions options;
  routing::RouteTable routes{{}};
  telemetry::TracingOptions tracing;
  std::shared_ptr<const filters::ErrorPages> error_pages;  // null: lbd's own
  overload::OverloadOptions overload;
  std::vector<std::shared_ptr<const filters::Chain>> chains;  // by place of the route; may be null
  std::shared_ptr<const filters::Chain> chain_of_rest;        // where no route is; may be null
  std::vector<Bounds> bounds;                                 // by place of the route
  std::vector<std::shared_ptr<upstream::Upstream>> upstreams;
  std::shared_ptr<const telemetry::Series> series;  // by the places of listeners, routes, upstreams
};

/// Something of a session that the worker can reach: to end it, or to look at it.
class DrainHook : public net::ListHook {
 public:
  virtual ~DrainHook() = default;
  /// What it does while none of its requests is under way; empty when one is.
  virtual std::string_view own_state() const = 0;
  /// How it is; for one whose `own_state` is not empty.
  virtual SessionView look(common::TimePoint now) const = 0;
  /// Ends the connection if it is between two requests.
  virtual void on_drain() = 0;
  /// Clients are asked to come anew: tells this one, if it can be told without an answer.
  virtual void on_offer() = 0;
  /// Its listener is gone: it ends with the answer under way, at once between two requests.
  virtual void on_listener_left(telemetry::ListenerId listener) = 0;
  /// Ends the connection if it has idled for a while: others need its room more. Tells whether.
  virtual bool on_pressure(common::TimePoint now) = 0;
  /// Ends it whatever it does.
  virtual void on_drain_deadline() = 0;
};

/// A request under way, as far as the worker can look at it.
class RequestHook : public net::ListHook {
 public:
  virtual ~RequestHook() = default;
  virtual std::string_view state() const = 0;
  virtual common::TimePoint began() const = 0;
  virtual SessionView look(common::TimePoint now) const = 0;
};

/// All that the sessions of one worker share; one thread, so nothing is locked.
struct WorkerContext {
  static constexpr std::size_t kRelayBuffer = 32 * 1024;  // for long bodies: fewer calls an octet

  net::Executor executor;
  std::size_t number;  // of the worker
  std::shared_ptr<Site> site;
  std::shared_ptr<telemetry::WorkerCounters> counters;
  net::BufferPool buffers;
  net::BufferPool relay_buffers{kRelayBuffer};
  net::PipePool pipes{};
  net::DeadlineWheel wheel;
  telemetry::AccessLog access_log;
  telemetry::SpanLog spans{};
  std::shared_ptr<telemetry::RecentErrors> recent_errors{};  // null: nobody looks
  NotePool notes{};
  RequestIds request_ids;
  http::DateText date{};       // of this second
  bool offering_close{false};  // every answer says that the connection ends with it
  bool draining{false};        // connections that idle are closed
  overload::Level pressure{overload::Level::Calm};
  std::shared_ptr<overload::ClientTable> clients{};  // of all workers

  /// Whether every answer shall be the last on its connection.
  bool ends_connections() const { return offering_close || pressure >= overload::Level::Pause; }
  net::IntrusiveList<DrainHook> sessions{};
  net::IntrusiveList<RequestHook> requests{};
  // Memory of the parsers. What they hold is dead at the next `co_await`.
  http1::ParsedRequest request{};
  http1::ParsedResponse response{};
};

}  // namespace lb::proxy
