#include "lb/server/server.hpp"

#include "common/admin_server.hpp"
#include "common/log.hpp"
#include "common/metrics.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"
#include "lb/net/stream.hpp"
#include "lb/proxy/refusal.hpp"
#include "lb/server/descriptors.hpp"
#include "lb/server/worker.hpp"
#include "lb/telemetry/collector.hpp"
#include "lb/upstream/prober.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>
#include <sched.h>
#include <stdexcept>

namespace lb::server {
namespace {

constexpr common::Log kLog{"lb.server"};

/// Processors this process may run on, which a container or taskset may have narrowed.
std::size_t usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

}  // namespace

struct Server::Impl {
  explicit Impl(std::shared_ptr<const config::Snapshot> s) : snapshot{std::move(s)} {}

  std::shared_ptr<const config::Snapshot> snapshot;
  boost::asio::io_context control{1};
  common::Metrics metrics;
  std::vector<std::shared_ptr<telemetry::WorkerCounters>> counters;
  std::shared_ptr<telemetry::Collector> collector;
  std::vector<std::unique_ptr<Worker>> workers;
  std::size_t working{0};
  std::optional<upstream::Prober> prober;
  common::AdminServer admin{control};
  std::optional<common::Signals> signals;
  std::optional<common::Watchdog> watchdog;
  boost::asio::steady_timer drain_timer{control};
  bool draining{false};
  bool cutting{false};

  void start() {
    make_workers();
    open_listeners();
    prober.emplace(control, snapshot->upstreams, [this](const upstream::Prober::Status& changed) {
      for (const auto& worker : workers)
        worker->set_usable(changed.upstream, changed.endpoint, changed.health.usable());
    });
    open_admin();
    signals.emplace(control, common::Signals::Handlers{[this] { drain(); }, [this] { cut(); }, {}});
    watchdog.emplace(control);
    for (const auto& worker : workers) worker->start();
    working = workers.size();
  }

  void make_workers() {
    telemetry::Names names;
    for (const auto& upstream : snapshot->upstreams)
      for (const auto& endpoint : upstream.endpoints)
        names.endpoints.push_back({upstream.name, endpoint.to_string()});
    names.refusals = proxy::refusal_codes();
    names.is_usable = [this](std::size_t i) { return prober->status()[i].health.usable(); };
    names.is_draining = [this] { return draining; };

    const std::size_t count = snapshot->workers > 0 ? snapshot->workers : usable_processors();
    limit_connections(count, names.endpoints.size());
    std::vector<std::shared_ptr<const telemetry::WorkerCounters>> sources;
    for (std::size_t number = 0; number < count; ++number) {
      counters.push_back(std::make_shared<telemetry::WorkerCounters>(names.endpoints.size()));
      sources.push_back(counters.back());
      workers.push_back(std::make_unique<Worker>(number, snapshot, counters.back(), [this] {
        boost::asio::post(control, [this] { on_worker_empty(); });
      }));
    }
    collector = std::make_shared<telemetry::Collector>(std::move(names), std::move(sources));
    metrics.add(collector);
  }

  /// More clients than there are descriptors for would take them from the checks, and every
  /// endpoint would look dead.
  void limit_connections(std::size_t count, std::size_t endpoints) {
    const auto most = affordable_connections(count, snapshot->listeners.size(), endpoints);
    const auto wanted = snapshot->proxy.limits.connections;
    if (wanted <= most) return;
    kLog.warn("too few descriptors for limits.connections",
              {{"configured", wanted}, {"each_worker_takes", most}});
    auto lowered = std::make_shared<config::Snapshot>(*snapshot);
    lowered->proxy.limits.connections = static_cast<std::uint32_t>(most);
    snapshot = std::move(lowered);
  }

  void open_listeners() {
    for (auto options : snapshot->listeners) {
      for (const auto& worker : workers) {
        const auto address = worker->listen(options);
        if (!address)
          throw std::runtime_error{"cannot listen on " + options.address.to_string() + ": " +
                                   address.error().message()};
        options.address = *address;  // all workers share the port that the kernel chose
      }
      kLog.info("listening",
                {{"address", options.address.to_string()}, {"workers", workers.size()}});
    }
  }

  void open_admin() {
    admin.route("/metrics", [this] {
      return common::AdminAnswer{200, common::Metrics::kContentType, metrics.text()};
    });
    admin.route("/healthz", [] {
      return common::AdminAnswer{200, "text/plain; charset=utf-8", "ok\n"};
    });
    admin.route("/readyz", [this] { return readiness(); });
    const auto address = admin.listen(snapshot->admin);
    if (!address)
      throw std::runtime_error{"cannot listen on " + snapshot->admin.to_string() + ": " +
                               address.error().message()};
    kLog.info("admin is listening", {{"address", address->to_string()}});
  }

  /// Not ready: new traffic had better go elsewhere. Says why, a line a reason.
  common::AdminAnswer readiness() const {
    std::string reasons;
    if (draining) reasons += "draining\n";
    std::size_t at = 0;
    for (const auto& upstream : snapshot->upstreams) {
      bool usable = false;
      std::string states;
      for (const auto& endpoint : upstream.endpoints) {
        const auto& health = prober->status()[at++].health;
        usable = usable || health.usable();
        states.append(" ").append(endpoint.to_string()).append(" (");
        states.append(health::to_string(health.last_result())).append(")");
      }
      if (upstream.required && !usable)
        reasons.append("upstream ")
            .append(upstream.name)
            .append(" has no usable endpoint:")
            .append(states)
            .append("\n");
    }
    if (reasons.empty()) return {200, "text/plain; charset=utf-8", "ready\n"};
    return {503, "text/plain; charset=utf-8", std::move(reasons)};
  }

  /// Not ready first, and each answer the last on its connection; then no new connections; then, at
  /// the deadline, the end.
  void drain() {
    draining = true;
    kLog.info("draining", {{"grace_ms", snapshot->drain.grace.count()}});
    common::notify_stopping();
    for (const auto& worker : workers) worker->offer_close();
    drain_timer.expires_after(snapshot->drain.grace);
    drain_timer.async_wait([this](boost::system::error_code aborted) {
      if (aborted || cutting) return;
      for (const auto& worker : workers) worker->stop_accepting();
      drain_timer.expires_after(snapshot->drain.deadline);
      drain_timer.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) cut();
      });
    });
  }

  void cut() {
    if (cutting || working == 0) return;
    cutting = true;
    kLog.warn("drain deadline passed, cutting what is left");
    for (const auto& worker : workers) {
      worker->stop_accepting();
      worker->cut();
    }
  }

  void on_worker_empty() {
    if (--working > 0) return;
    kLog.info("drained");
    control.stop();
  }
};

Server::Server(std::shared_ptr<const config::Snapshot> snapshot)
    : impl_{std::make_unique<Impl>(std::move(snapshot))} {}

Server::~Server() = default;

void Server::run() {
  impl_->start();
  common::notify_ready("serving");
  impl_->control.run();
}

}  // namespace lb::server
