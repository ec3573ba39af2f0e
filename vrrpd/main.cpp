#include "common/build_info.hpp"
#include "common/command_line.hpp"
#include "common/log.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"
#include "vrrpd/config/load.hpp"
#include "vrrpd/daemon/daemon.hpp"
#include "vrrpd/privileges/privileges.hpp"
#include "vrrpd/programs/helper.hpp"
#include "vrrpd/programs/runner.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr common::Log kLog{"vrrpd"};

using vrrp::daemon::Options;

/// A whole new configuration or, with any fault, the one that is.
void reload(vrrp::daemon::Daemon& daemon, const std::string& path) {
  common::notify_reloading();
  std::vector<std::string> faults;
  if (const auto options = vrrp::config::load(path))
    faults = daemon.reload(*options);
  else
    for (const auto& error : options.error()) faults.push_back(error.to_string());
  for (const auto& fault : faults) kLog.error("not reloaded", {{"reason", fault}});
  if (faults.empty()) kLog.info("reloaded", {{"file", path}});
  common::notify_ready(faults.empty() ? "running" : "running; the last reload was refused");
}

void run(const Options& options, const std::string& path,
         std::optional<vrrp::link::Descriptor> helper) {
  boost::asio::io_context context{1};
  std::optional<vrrp::programs::Runner> programs;
  if (helper) programs.emplace(context, std::move(*helper));
  vrrp::daemon::Daemon daemon{context, options, programs ? &*programs : nullptr};
  common::Watchdog watchdog{context};
  common::Signals signals{context,
                          {.stop =
                               [&] {
                                 common::notify_stopping();
                                 daemon.stop([&] { context.stop(); });
                               },
                           .abort = [&] { daemon.abort(); },
                           .reload = [&] { reload(daemon, path); }}};
  daemon.start();
  common::notify_ready("running");
  kLog.info("started", {{"version", common::kVersion}, {"routers", options.routers.size()}});
  context.run();
  kLog.info("stopped");
}

}  // namespace

int main(int argc, char** argv) {
  common::Exit exit{};
  const auto command = common::read_command_line(
      argc, argv, "vrrpd", "keeps virtual addresses on a live node (VRRPv3, RFC 9568)",
      "/etc/mainstay/vrrpd.yaml", exit);
  if (!command) return static_cast<int>(exit);
  const auto options = vrrp::config::load(command->config);
  if (!options) {
    common::print_errors(options.error());
    return static_cast<int>(common::Exit::BadUsage);
  }
  if (command->check) return static_cast<int>(common::Exit::Ok);
  common::start_logging("vrrpd", options->log);
  std::optional<vrrp::link::Descriptor> helper;
  if (options->runs_programs()) {
    auto started = vrrp::programs::start_helper(options->programs_user);
    if (!started) {
      kLog.error("cannot run programs", {{"reason", started.error()}});
      return static_cast<int>(common::Exit::Failed);
    }
    helper = std::move(*started);
  }
  for (const auto& refused : vrrp::privileges::schedule(options->scheduling))
    kLog.warn("not scheduled as asked", {{"reason", refused}});
  if (const auto refused = vrrp::privileges::drop_capabilities())
    kLog.warn("privileges are kept", {{"reason", *refused}});
  try {
    run(*options, command->config, std::move(helper));
  } catch (const std::exception& error) {
    kLog.error("cannot run", {{"reason", error.what()}});
    return static_cast<int>(common::Exit::Failed);
  }
  return static_cast<int>(common::Exit::Ok);
}
