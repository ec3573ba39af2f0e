#include "common/command_line.hpp"
#include "common/log.hpp"
#include "lb/config/load.hpp"
#include "lb/server/server.hpp"

#include <exception>

namespace {

constexpr common::Log kLog{"lb"};

}  // namespace

int main(int argc, char** argv) {
  auto exit = common::Exit::Ok;
  const auto arguments = common::read_command_line(argc, argv, "lbd", "An HTTP load balancer.",
                                                   "/etc/mainstay/lbd.yaml", exit);
  if (!arguments) return static_cast<int>(exit);

  const auto loaded = lb::config::load_file(arguments->config);
  if (!loaded.snapshot) {
    common::print_errors(loaded.errors);
    return static_cast<int>(common::Exit::BadUsage);
  }
  if (arguments->check) return static_cast<int>(common::Exit::Ok);

  common::start_logging("lbd", loaded.snapshot->log);
  try {
    lb::server::Server server{loaded.snapshot};
    server.run();
  } catch (const std::exception& error) {
    kLog.error("lbd cannot go on", {{"error", error.what()}});
    return static_cast<int>(common::Exit::Failed);
  }
  return static_cast<int>(common::Exit::Ok);
}
