#include "lb/server/server.hpp"

#include "common/log.hpp"
#include "lb/net/stream.hpp"
#include "lb/server/admin_tls.hpp"
#include "lb/server/descriptors.hpp"
#include "lb/server/server_impl.hpp"
#include "lb/server/succession.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <sched.h>
#include <stdexcept>
#include <utility>

namespace lb::server {
namespace {

/// While somebody watches: an endpoint that was the last is told so much later at most.
constexpr auto kReadinessLook = std::chrono::milliseconds{20};
constexpr common::Log kLog{"lb.server"};

/// Processors this process may run on, which a container or taskset may have narrowed.
std::size_t usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

}  // namespace

void Server::Impl::start(bool from_upgrade) {
  const std::size_t count = snapshot->workers > 0 ? snapshot->workers : usable_processors();
  // Before anybody can see that it is there: a reload asked for meanwhile would end the process.
  // The handlers run with `control`, after all this.
  signals.emplace(control, common::Signals::Handlers{.stop = [this] { drain(); },
                                                     .abort = [this] { cut(); },
                                                     .reload = [this] { reload(); },
                                                     .upgrade = [this] { make_way(); },
                                                     .reopen = [this] { reopen_log(); }});
  open_admin();  // first: its inherited socket may look like a listener's
  known_endpoints = inherited.take_named(InheritedSockets::kEndpoints);
  auto opened = open_listeners(count);
  auto affordable = std::make_shared<config::Snapshot>(*snapshot);
  limit_connections(*affordable, count);
  snapshot = std::move(affordable);
  enter_sandbox(from_upgrade);
  make_workers(count);
  change_listeners(std::move(opened));
  watchdog.emplace(control);
  watch_certificates();
  for (const auto& worker : workers) worker->start();
  working = workers.size();
}

void Server::Impl::make_workers(std::size_t count) {
  fleet.emplace(control, count, [this](const auto& upstream, const auto& view) {
    for (const auto& worker : workers) worker->apply(upstream, view);
  });
  fleet->configure(snapshot->upstreams, snapshot->resolver);
  if (known_endpoints) {
    take_over_endpoints(content_of(known_endpoints->socket), fleet->roster(), common::Clock::now());
    known_endpoints.reset();
  }
  registry.emplace(count);
  outputs = telemetry::make_outputs({}, snapshot->access_log, snapshot->tracing, control_counters);
  const auto common = common_of_workers();
  for (std::size_t number = 0; number < count; ++number) {
    auto own = std::make_shared<telemetry::WorkerCounters>();
    counters.push_back(own);
    workers.push_back(std::make_unique<Worker>(number, common, std::move(own), [this] {
      boost::asio::post(control, [this] { on_worker_empty(); });
    }));
  }
  make_collector();
}

/// By the snapshot and the fleet as they are now.
Worker::Common Server::Impl::common_of_workers() {
  Worker::Common common{
      snapshot,
      registry->install(names()),
      {},
      [this](const std::string& upstream, std::string_view endpoint, health::PassiveEvent event) {
        boost::asio::post(control, [this, upstream, name = std::string{endpoint}, event] {
          fleet->on_passive(upstream, name, event);
        });
      },
      outputs,
      recent_errors,
      clients,
      memory,
      descriptors};
  for (const auto& upstream : snapshot->upstreams)
    common.upstreams.push_back({fleet->queue(upstream.name), fleet->roster().view(upstream.name)});
  return common;
}

/// More clients than there are descriptors for would take them from the checks, and every
/// endpoint would look dead.
void Server::Impl::limit_connections(config::Snapshot& wanted, std::size_t count) {
  descriptors =
      affordable_descriptors(count, wanted.listeners.size(), upstream::Prober::kMostAtOnce);
  auto& connections = wanted.proxy.limits.connections;
  if (connections <= descriptors) return;
  kLog.warn("too few descriptors for limits.connections",
            {{"configured", connections}, {"each_worker_takes", descriptors}});
  connections = static_cast<std::uint32_t>(descriptors);
}

void Server::Impl::open_admin() {
  admin.route("/metrics", [this] {
    return common::AdminAnswer{200, common::Metrics::kContentType, metrics.text()};
  });
  admin.route("/healthz", [] {
    return common::AdminAnswer{200, "text/plain; charset=utf-8", "ok\n"};
  });
  // Its end is the word: whoever holds it open learns of a death at once.
  admin.watch("/healthz/watch", kReadinessLook, [] { return std::string{"data: ready\n\n"}; });
  admin.route("/readyz", [this] { return readiness(); });
  admin.watch("/readyz/watch", kReadinessLook, [this] {
    return readiness().status == 200 ? std::string{"data: ready\n\n"}
                                     : std::string{"data: not ready\n\n"};
  });
  door.emplace(control, admin, operator_control, snapshot->admin.dashboard);
  admin.guard({snapshot->admin.token, snapshot->admin.hosts});
  for (const auto& wanted : snapshot->admin.listen) open_admin_listener(wanted, {});
  const auto tls = admin_tls([this] { return snapshot->admin_tls; });
  for (const auto& wanted : snapshot->admin.secure_listen) open_admin_listener(wanted, tls);
}

void Server::Impl::open_admin_listener(const common::AdminAddress& wanted,
                                       common::AdminLayerMaker layer) {
  const bool secure = static_cast<bool>(layer);
  auto given = inherited.take_admin(wanted);
  admin_is_ours = admin_is_ours && (!given || given->ours);
  const auto address = given ? admin.adopt(given->socket.release(), given->ours, std::move(layer))
                             : admin.listen(wanted, std::move(layer));
  if (!address)
    throw std::runtime_error{"cannot listen on " + wanted.to_string() + ": " +
                             address.error().message()};
  kLog.info("admin is listening", {{"address", address->to_string()}, {"tls", secure}});
}

Server::Server(std::shared_ptr<const config::Snapshot> snapshot, Invocation invocation,
               InheritedSockets inherited)
    : impl_{std::make_unique<Impl>(std::move(snapshot), std::move(invocation),
                                   std::move(inherited))} {}

Server::~Server() = default;

void Server::run(Birth& birth) {
  impl_->start(birth.from_upgrade());
  birth.serving();
  common::notify_ready("serving");
  impl_->control.run();
}

}  // namespace lb::server
