#pragma once

#include "common/admin_server.hpp"
#include "common/metrics.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"
#include "lb/admin/door.hpp"
#include "lb/server/control.hpp"
#include "lb/server/inherited_sockets.hpp"
#include "lb/server/listeners.hpp"
#include "lb/server/server.hpp"
#include "lb/server/upgrade.hpp"
#include "lb/server/worker.hpp"
#include "lb/telemetry/collector.hpp"
#include "lb/telemetry/recent_errors.hpp"
#include "lb/upstream/fleet.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace lb::server {

/// The control thread: one event loop that owns workers, listeners, checks and the operator's door.
/// server.cpp: how it comes up · serving.cpp: listeners and readiness · numbers.cpp: what is
/// counted · control*.cpp: what the operator sees and does · confinement.cpp: the sandbox ·
/// reloading.cpp: another configuration · certificates.cpp: those that change · leaving.cpp: drain,
/// upgrade and end.
struct Server::Impl {
  Impl(std::shared_ptr<const config::Snapshot> s, Invocation i, InheritedSockets sockets)
      : snapshot{std::move(s)}, invocation{std::move(i)}, inherited{std::move(sockets)} {}

  // server.cpp
  void start(bool from_upgrade);
  void make_workers(std::size_t count);
  void make_collector();
  telemetry::SeriesRegistry::Names names() const;
  std::vector<telemetry::EndpointSample> sample_endpoints() const;
  std::vector<telemetry::LookupSample> sample_lookups() const;
  std::vector<telemetry::UpstreamSample> sample_upstreams() const;
  void limit_connections(config::Snapshot& wanted, std::size_t count);
  Worker::Common common_of_workers();
  void open_admin();
  void open_admin_listener(const common::AdminAddress& wanted, common::AdminLayerMaker layer);

  // serving.cpp
  /// Throws std::runtime_error, then nothing listens.
  ListenerChange open_listeners(std::size_t count);
  void begin_listening(const Listener& listener);
  void change_listeners(ListenerChange change);
  void stop_listening(Listener listener, Parting parting);
  common::AdminAnswer readiness() const;

  // confinement.cpp
  void enter_sandbox(bool from_upgrade);

  // reloading.cpp
  admin::CommandResult reload();
  void reopen_log();
  std::vector<admin::ConfigFault> install(std::shared_ptr<config::Snapshot> next);
  telemetry::Outputs open_outputs(const config::Snapshot& next,
                                  std::vector<admin::ConfigFault>& faults) const;

  // certificates.cpp
  /// Looks every few seconds whether files of certificates have changed.
  void watch_certificates();
  void read_certificates_again();
  void read_upstreams_again();

  // leaving.cpp
  void drain();
  void make_way();
  void hand_over(int successor);
  void leave_listeners(Parting parting);
  void finish();
  void cut();
  void on_worker_empty();

  std::shared_ptr<const config::Snapshot> snapshot;
  std::uint64_t generation{1};  // of the snapshot
  admin::ReloadStatus last_reload;
  Invocation invocation;
  InheritedSockets inherited;
  std::optional<InheritedSocket> known_endpoints;  // until the fleet has taken it over
  boost::asio::io_context control{1};
  common::Metrics metrics;
  std::vector<std::shared_ptr<const telemetry::WorkerCounters>> counters;
  std::shared_ptr<telemetry::ControlCounters> control_counters{
      std::make_shared<telemetry::ControlCounters>()};
  std::optional<telemetry::SeriesRegistry> registry;
  telemetry::Outputs outputs;
  std::shared_ptr<overload::ClientTable> clients{std::make_shared<overload::ClientTable>()};
  std::shared_ptr<overload::MemoryWatch> memory{std::make_shared<overload::MemoryWatch>()};
  std::size_t descriptors{0};  // each worker may use
  std::shared_ptr<telemetry::Collector> collector;
  std::vector<std::unique_ptr<Worker>> workers;
  std::size_t working{0};
  std::optional<Listeners> listeners;
  std::optional<upstream::Fleet> fleet;
  std::shared_ptr<telemetry::RecentErrors> recent_errors{
      std::make_shared<telemetry::RecentErrors>()};
  common::AdminServer admin{control};
  ServerControl operator_control{*this};
  std::optional<admin::Door> door;
  std::optional<common::Signals> signals;
  std::optional<common::Watchdog> watchdog;
  bool admin_is_ours{true};  // as Listener::ours
  Upgrade upgrade{control};
  boost::asio::steady_timer drain_timer{control};
  boost::asio::steady_timer certificate_timer{control};
  bool draining{false};
  bool cutting{false};
};

}  // namespace lb::server
