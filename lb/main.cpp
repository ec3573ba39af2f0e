#include "common/command_line.hpp"
#include "common/log.hpp"
#include "lb/config/load.hpp"
#include "lb/server/server.hpp"
#include "lb/server/this_machine.hpp"

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr common::Log kLog{"lb"};

std::string faults(const std::vector<common::ConfigError>& errors) {
  std::string out;
  for (const auto& error : errors) out.append(out.empty() ? "" : "; ").append(error.to_string());
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  auto exit = common::Exit::Ok;
  const auto arguments = common::read_command_line(argc, argv, "lbd", "An HTTP load balancer.",
                                                   "/etc/mainstay/lbd.yaml", exit);
  if (!arguments) return static_cast<int>(exit);

  auto invocation = lb::server::Invocation::of(argc, argv, arguments->config);
  auto inherited = lb::server::InheritedSockets::from_environment();
  lb::server::Birth birth{inherited};

  const lb::server::ThisMachine machine;
  const auto loaded =
      lb::config::load_file(arguments->config, arguments->check ? &machine : nullptr);
  if (!loaded.snapshot) {
    if (birth.from_upgrade())
      birth.failed(faults(loaded.errors));  // who started us tells the operator
    else
      common::print_errors(loaded.errors);
    return static_cast<int>(common::Exit::BadUsage);
  }
  if (arguments->check) {
    common::print_warnings(loaded.warnings);
    return static_cast<int>(common::Exit::Ok);
  }

  common::start_logging("lbd", loaded.snapshot->log);
  for (const auto& warning : loaded.warnings)
    kLog.warn("configuration", {{"where", warning.to_string()}});
  try {
    lb::server::Server server{loaded.snapshot, std::move(invocation), std::move(inherited)};
    server.run(birth);
  } catch (const std::exception& error) {
    kLog.error("lbd cannot go on", {{"error", error.what()}});
    birth.failed(error.what());
    return static_cast<int>(common::Exit::Failed);
  }
  return static_cast<int>(common::Exit::Ok);
}
