#include "vrrpd/config/readers.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sys/stat.h>

namespace vrrp::config {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostNotifications = 8;
constexpr std::size_t kShortestSecret = 16;
constexpr std::size_t kLongestSecret = 512;

bool is_url(std::string_view text) {
  const bool known = text.starts_with("http://") || text.starts_with("https://");
  return known && text.size() <= notify::WebhookOptions::kLongestUrl &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

/// The first line of a file that others cannot read.
std::string read_secret(const common::ConfigNode& node, const std::string& path) {
  struct stat state {};
  std::string line;
  if (::stat(path.c_str(), &state) != 0)
    node.fault("secret_file", path + ": " + std::strerror(errno), "a file with the secret");
  else if ((state.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
    node.fault("secret_file", path + " can be read or changed by others", "chmod 0640 " + path);
  std::ifstream in{path};
  std::getline(in, line);
  if (in && (line.size() < kShortestSecret || line.size() > kLongestSecret))
    node.fault("secret_file", path + " holds " + std::to_string(line.size()) + " characters",
               "16 to 512, such as `openssl rand -hex 32` makes them");
  return line;
}

notify::WebhookOptions read_webhook(const common::ConfigNode& node) {
  notify::WebhookOptions webhook;
  node.read("webhook", webhook.url);
  if (!is_url(webhook.url))
    node.fault("webhook", "this is no URL", "https://hooks.example.org/vrrpd");
  node.read("tries", webhook.tries, {1, notify::WebhookOptions::kMostTries});
  std::string path;
  node.read("secret_file", path);
  if (!path.empty()) webhook.secret = read_secret(node, path);
  return webhook;
}

notify::NotifyOptions read_notification(const common::ConfigNode& node) {
  constexpr std::array<std::string_view, 3> kStates{"initialize", "backup", "active"};
  notify::NotifyOptions options;
  if (node.has("run") && node.has("webhook"))
    node.fault("webhook", "a notification is one thing", "another notification for it");
  if (node.has("run"))
    read_command(node, "run", options.run);
  else if (node.has("webhook"))
    options.webhook = read_webhook(node);
  else
    node.fault("", "whom to tell is not said", "run: [/usr/local/bin/tell], or webhook: https://…");
  node.read("on", options.on);
  for (const auto& state : options.on)
    if (std::ranges::find(kStates, state) == kStates.end())
      node.fault("on", '"' + state + "\" is no state", "active, backup, initialize");
  node.read("timeout", options.timeout, {.least = 10ms, .most = 1h});
  return options;
}

/// Below kRealtimeBelow a thread that waits for its turn on a full machine is as late as a Backup
/// Router is patient.
std::uint8_t default_realtime(const std::vector<daemon::RouterOptions>& routers) {
  constexpr auto kRealtimeBelow = std::chrono::milliseconds{100};
  constexpr std::uint8_t kPriority = 10;  // as LimitRTPRIO= of the unit
  const bool fast = std::ranges::any_of(routers, [&](const daemon::RouterOptions& router) {
    return router.advertisement_interval < kRealtimeBelow;
  });
  return fast ? kPriority : std::uint8_t{0};
}

}  // namespace

void read_process(const common::ConfigNode& root, daemon::Options& options) {
  root.read("startup_delay", options.startup_delay, {.least = 0ms, .most = 1h});
  root.section("programs").read("user", options.programs_user);
  for (const auto& item : root.items("notify", 0, kMostNotifications))
    options.notify.push_back(read_notification(item));
  root.section("sandbox").read("seccomp", options.sandbox.seccomp);
  const auto scheduling = root.section("scheduling");
  options.scheduling.realtime = default_realtime(options.routers);
  scheduling.read("realtime", options.scheduling.realtime, {0, 99});
  scheduling.read("lock_memory", options.scheduling.lock_memory);
  scheduling.read("cpu", options.scheduling.cpu);
}

}  // namespace vrrp::config
