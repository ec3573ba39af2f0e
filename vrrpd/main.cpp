#include "common/build_info.hpp"
#include "common/command_line.hpp"
#include "common/log.hpp"
#include "common/log_waiting.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"
#include "vrrpd/config/load.hpp"
#include "vrrpd/daemon/daemon.hpp"
#include "vrrpd/hostcheck/observer.hpp"
#include "vrrpd/hostcheck/report.hpp"
#include "vrrpd/link/nft.hpp"
#include "vrrpd/privileges/privileges.hpp"
#include "vrrpd/privileges/startup_pages.hpp"
#include "vrrpd/privileges/system_calls.hpp"
#include "vrrpd/programs/helper.hpp"
#include "vrrpd/programs/runner.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <malloc.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr common::Log kLog{"vrrpd"};

using vrrp::daemon::Options;

/// What YAML and nftables took to be read and written, 3 MiB for one router, is needed no more, nor
/// is the code that did it.
void give_back_memory() {
  vrrp::link::unload_nft();
  ::malloc_trim(0);
  vrrp::privileges::release_startup_pages();
}

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
  give_back_memory();
  common::notify_ready(faults.empty() ? "running" : "running; the last reload was refused");
}

/// Ends by a signal, as a crash would: what stands stays, and the service manager starts the next
/// run, perhaps of another version, which goes on where this one was.
void make_way(vrrp::daemon::Daemon& daemon) {
  if (const auto done = daemon.make_way(); !done) {
    kLog.warn("makes no way", {{"reason", done.error()}});
    return;
  }
  kLog.info("makes way for the next run");
  std::signal(SIGUSR2, SIG_DFL);
  std::raise(SIGUSR2);
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
                           .reload = [&] { reload(daemon, path); },
                           .upgrade = [&] { make_way(daemon); }}};
  daemon.start();
  give_back_memory();
  common::notify_ready("running");
  kLog.info("started", {{"version", common::kVersion}, {"routers", options.routers.size()}});
  context.run();
  kLog.info("stopped");
}

using Loaded = common::Result<Options, std::vector<common::ConfigError>>;

/// The file first; when it is right, the host that it is for. BadUsage: the file has faults.
/// Failed: it would not work on this host.
common::Exit check(const Loaded& options, bool file_only, bool as_json) {
  std::vector<vrrp::hostcheck::Finding> findings;
  if (options && !file_only)
    findings = vrrp::hostcheck::judge(*options, vrrp::hostcheck::observe(*options));
  const auto faults = options ? std::vector<common::ConfigError>{} : options.error();
  if (as_json)
    std::fputs(vrrp::hostcheck::to_json(faults, findings).c_str(), stdout);
  else if (!options)
    common::print_errors(faults);
  else
    std::fputs(vrrp::hostcheck::to_text(findings).c_str(), stderr);
  if (!options) return common::Exit::BadUsage;
  return vrrp::hostcheck::has_error(findings) ? common::Exit::Failed : common::Exit::Ok;
}

}  // namespace

int main(int argc, char** argv) {
  common::Exit exit{};
  bool file_only = false;
  bool as_json = false;
  const std::array flags{
      common::Flag{"file-only", "with --check: look at no interface and no LAN", &file_only},
      common::Flag{"json", "with --check: tell it as JSON", &as_json}};
  const auto command = common::read_command_line(
      argc, argv, "vrrpd", "keeps virtual addresses on a live node (VRRPv3, RFC 9568)",
      "/etc/mainstay/vrrpd.yaml", exit, flags);
  if (!command) return static_cast<int>(exit);
  const auto options = vrrp::config::load(command->config);
  if (command->check) return static_cast<int>(check(options, file_only, as_json));
  if (!options) {
    common::print_errors(options.error());
    return static_cast<int>(common::Exit::BadUsage);
  }
  common::log_without_waiting();  // a journal that hangs must not keep us from advertising
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
  if (options->sandbox.seccomp)
    if (const auto refused = vrrp::privileges::restrict_system_calls())
      kLog.warn("every system call may be made", {{"reason", *refused}});
  try {
    run(*options, command->config, std::move(helper));
  } catch (const std::exception& error) {
    kLog.error("cannot run", {{"reason", error.what()}});
    return static_cast<int>(common::Exit::Failed);
  }
  return static_cast<int>(common::Exit::Ok);
}
