#include "vrrpd/config/readers.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace vrrp::config {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostNotifications = 8;

notify::NotifyOptions read_notification(const common::ConfigNode& node) {
  constexpr std::array<std::string_view, 3> kStates{"initialize", "backup", "active"};
  notify::NotifyOptions options;
  if (node.has("run"))
    read_command(node, "run", options.run);
  else
    node.fault("", "what to run is not said", "run: [/usr/local/bin/tell]");
  node.read("on", options.on);
  for (const auto& state : options.on)
    if (std::ranges::find(kStates, state) == kStates.end())
      node.fault("on", '"' + state + "\" is no state", "active, backup, initialize");
  node.read("timeout", options.timeout, {.least = 10ms, .most = 1h});
  return options;
}

}  // namespace

void read_process(const common::ConfigNode& root, daemon::Options& options) {
  root.section("programs").read("user", options.programs_user);
  for (const auto& item : root.items("notify", 0, kMostNotifications))
    options.notify.push_back(read_notification(item));
  const auto scheduling = root.section("scheduling");
  scheduling.read("realtime", options.scheduling.realtime, {0, 99});
  scheduling.read("lock_memory", options.scheduling.lock_memory);
  scheduling.read("cpu", options.scheduling.cpu);
}

}  // namespace vrrp::config
