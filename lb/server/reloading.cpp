#include "common/log.hpp"
#include "lb/config/load.hpp"
#include "lb/server/changes.hpp"
#include "lb/server/server_impl.hpp"

#include <ctime>
#include <system_error>
#include <utility>

namespace lb::server {
namespace {

constexpr common::Log kLog{"lb.server"};

admin::ConfigFault fault_of(const common::ConfigError& error) {
  auto where = error.file;
  if (error.line > 0) where += ":" + std::to_string(error.line);
  if (!error.path.empty()) where += ": " + error.path;
  return {.where = std::move(where), .wrong = error.wrong, .right = error.right};
}

}  // namespace

/// For whoever rotates logs; nothing else changes.
void Server::Impl::reopen_log() {
  if (!outputs.access_log || outputs.access_log->file().empty()) return;
  outputs.access_log->reopen();
  kLog.info("the access log is opened anew", {{"file", outputs.access_log->file()}});
}

/// All faults and nothing changed, or the whole new configuration. From the first change on nothing
/// can fail any more.
admin::CommandResult Server::Impl::reload() {
  if (draining || upgrade.under_way()) {
    const std::string why = draining ? "it is draining" : "a new binary is taking over";
    kLog.warn("reload refused", {{"reason", why}});
    return admin::CommandError{
        .kind = admin::Refused::Unavailable, .detail = "lbd cannot reload: " + why, .faults = {}};
  }
  common::notify_reloading();
  const auto loaded = config::load_file(invocation.config);
  for (const auto& warning : loaded.warnings)
    kLog.warn("configuration", {{"where", warning.to_string()}});
  std::vector<admin::ConfigFault> faults;
  for (const auto& error : loaded.errors) faults.push_back(fault_of(error));
  if (loaded.snapshot) faults = install(std::make_shared<config::Snapshot>(*loaded.snapshot));
  last_reload.at = common::wall_now();
  last_reload.successful = faults.empty();
  last_reload.faults = faults;
  common::notify_ready("serving");
  if (faults.empty()) {
    control_counters->reloads_applied.add();
    control_counters->last_reload_ok.set(1);
    control_counters->last_reload_time.set(static_cast<std::uint64_t>(std::time(nullptr)));
    kLog.info("reloaded", {{"generation", generation}, {"changes", last_reload.changes.size()}});
    return "configuration " + std::to_string(generation) + " is in use";
  }
  control_counters->reloads_refused.add();
  control_counters->last_reload_ok.set(0);
  for (const auto& [where, wrong, right] : faults)
    kLog.error("configuration fault", {{"where", where}, {"wrong", wrong}, {"right", right}});
  kLog.error("reload refused", {{"file", invocation.config}, {"faults", faults.size()}});
  return admin::CommandError{.kind = admin::Refused::Failed,
                             .detail = "the new configuration is faulty; the old one stays",
                             .faults = std::move(faults)};
}

telemetry::Outputs Server::Impl::open_outputs(const config::Snapshot& next,
                                              std::vector<admin::ConfigFault>& faults) const {
  try {
    return telemetry::make_outputs(outputs, next.access_log, next.tracing, control_counters);
  } catch (const std::system_error& error) {
    faults.push_back({.where = invocation.config + ": access_log.file",
                      .wrong = error.what(),
                      .right = "a file that lbd may write; in another folder, after a restart"});
    return {};
  }
}

std::vector<admin::ConfigFault> Server::Impl::install(std::shared_ptr<config::Snapshot> next) {
  const auto kept = keep_until_restart(*snapshot, *next);
  InheritedSockets none;
  auto change = listeners->plan(next->listeners, none);
  std::vector<admin::ConfigFault> faults;
  for (auto& fault : change.faults)
    faults.push_back({.where = invocation.config + ": listeners",
                      .wrong = std::move(fault),
                      .right = "an address of this machine that nobody else listens on"});
  auto opened = open_outputs(*next, faults);
  if (!faults.empty()) return faults;

  last_reload.changes = changes_between(*snapshot, *next);
  limit_connections(*next, workers.size());
  snapshot = std::move(next);
  outputs = std::move(opened);
  ++generation;
  common::set_log_level(snapshot->log.level);
  admin.guard({snapshot->admin.token, snapshot->admin.hosts});
  fleet->configure(snapshot->upstreams, snapshot->resolver);
  const auto common = common_of_workers();
  for (const auto& worker : workers) worker->install(common);
  change_listeners(std::move(change));
  for (const auto& line : last_reload.changes) kLog.info("changed by the reload", {{"what", line}});
  for (const auto& key : kept) {
    kLog.warn("a setting waits for a restart or an upgrade", {{"key", key}});
    last_reload.changes.push_back(key + " waits for a restart or an upgrade");
  }
  return {};
}

}  // namespace lb::server
