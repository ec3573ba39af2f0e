#pragma once

#include "common/admin_server.hpp"
#include "common/metrics.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"
#include "lb/server/inherited_sockets.hpp"
#include "lb/server/listeners.hpp"
#include "lb/server/server.hpp"
#include "lb/server/upgrade.hpp"
#include "lb/server/worker.hpp"
#include "lb/telemetry/collector.hpp"
#include "lb/upstream/fleet.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace lb::server {

/// The control thread: one event loop that owns workers, listeners, checks and the operator's door.
/// server.cpp: how it comes up · serving.cpp: listeners and readiness · numbers.cpp: what is
/// counted · leaving.cpp: drain, upgrade and end.
struct Server::Impl {
  Impl(std::shared_ptr<const config::Snapshot> s, Invocation i, InheritedSockets sockets)
      : snapshot{std::move(s)}, invocation{std::move(i)}, inherited{std::move(sockets)} {}

  // server.cpp
  void start();
  void make_workers();
  void make_collector();
  telemetry::SeriesRegistry::Names names() const;
  std::vector<telemetry::EndpointSample> sample_endpoints() const;
  void limit_connections(std::size_t count);
  void open_admin();

  // serving.cpp
  /// Throws std::runtime_error, then nothing listens.
  void open_listeners();
  void begin_listening(const Listener& listener);
  void stop_listening(Listener listener, Parting parting);
  common::AdminAnswer readiness() const;

  // leaving.cpp
  void drain();
  void make_way();
  void hand_over(int successor);
  void leave_listeners(Parting parting);
  void finish();
  void cut();
  void on_worker_empty();

  std::shared_ptr<const config::Snapshot> snapshot;
  Invocation invocation;
  InheritedSockets inherited;
  boost::asio::io_context control{1};
  common::Metrics metrics;
  std::vector<std::shared_ptr<const telemetry::WorkerCounters>> counters;
  std::shared_ptr<telemetry::ControlCounters> control_counters{
      std::make_shared<telemetry::ControlCounters>()};
  std::optional<telemetry::SeriesRegistry> registry;
  std::shared_ptr<telemetry::Collector> collector;
  std::vector<std::unique_ptr<Worker>> workers;
  std::size_t working{0};
  std::optional<Listeners> listeners;
  std::optional<upstream::Fleet> fleet;
  common::AdminServer admin{control};
  std::optional<common::Signals> signals;
  std::optional<common::Watchdog> watchdog;
  bool admin_is_ours{true};  // as Listener::ours
  Upgrade upgrade{control};
  boost::asio::steady_timer drain_timer{control};
  bool draining{false};
  bool cutting{false};
};

}  // namespace lb::server
