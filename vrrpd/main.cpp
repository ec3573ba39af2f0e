#include "common/build_info.hpp"
#include "common/command_line.hpp"
#include "common/log.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"
#include "vrrpd/config/load.hpp"
#include "vrrpd/daemon/daemon.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <exception>

namespace {

constexpr common::Log kLog{"vrrpd"};

void run(const vrrp::daemon::Options& options) {
  boost::asio::io_context context{1};
  vrrp::daemon::Daemon daemon{context, options};
  common::Watchdog watchdog{context};
  common::Signals signals{context,
                          {.stop =
                               [&] {
                                 common::notify_stopping();
                                 daemon.stop([&] { context.stop(); });
                               },
                           .abort = [&] { daemon.abort(); },
                           .reload = {}}};
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
  try {
    run(*options);
  } catch (const std::exception& error) {
    kLog.error("cannot run", {{"reason", error.what()}});
    return static_cast<int>(common::Exit::Failed);
  }
  return static_cast<int>(common::Exit::Ok);
}
