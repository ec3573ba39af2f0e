#include "vrrpd/config/readers.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace vrrp::config {

using common::ConfigNode;
using namespace tracking;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostTracks = 16;

using common::Parsed;

Parsed<HttpTarget> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  const std::string right = "a URL with an IP address such as http://127.0.0.1:9101/readyz";
  if (!text.starts_with(kScheme)) return {{}, right};
  text.remove_prefix(kScheme.size());
  const auto slash = text.find('/');
  const auto address = common::SocketAddress::parse(text.substr(0, slash));
  const auto path = slash == std::string_view::npos ? "/" : text.substr(slash);
  const bool plain = std::ranges::all_of(path, [](char c) { return c > ' ' && c < '\x7F'; });
  if (!address || address->port == 0 || !plain) return {{}, right};
  return {HttpTarget{*address, std::string{path}}, right};
}

void read_http(const ConfigNode& node, Target& target) {
  HttpTarget http;
  node.read_as("url", http, parse_url);
  node.read("watch", http.watch);
  target = std::move(http);
}

void read_tcp(const ConfigNode& node, Target& target) {
  TcpTarget tcp;
  node.read("tcp", tcp.address);
  target = tcp;
}

void read_interface(const ConfigNode& node, Target& target) {
  InterfaceTarget interface;
  node.read("interface", interface.name);
  read_interface_name(node, "interface", interface.name);
  target = std::move(interface);
}

void read_path(const ConfigNode& node, std::string_view key, std::string& path) {
  node.read(key, path);
  if (!path.starts_with('/'))
    node.fault(key, '"' + path + "\" is no absolute path", "a path such as /run/lbd.pid");
}

void read_process(const ConfigNode& node, Target& target) {
  ProcessTarget process;
  node.read("process", process.name);
  if (process.name.empty() || process.name.find('/') != std::string::npos)
    node.fault("process", "cannot be the name of a process", "a name such as lbd");
  target = std::move(process);
}

void read_pid_file(const ConfigNode& node, Target& target) {
  ProcessTarget process;
  read_path(node, "pid_file", process.pid_file);
  target = std::move(process);
}

void read_script(const ConfigNode& node, Target& target) {
  ScriptTarget script;
  read_command(node, "script", script.run);
  target = std::move(script);
}

void read_file(const ConfigNode& node, Target& target) {
  FileTarget file;
  read_path(node, "file", file.path);
  target = std::move(file);
}

void read_host(const ConfigNode& node, Target& target) {
  HostTarget host;
  node.read("host", host.address);
  target = host;
}

/// The one key that says what is tracked.
void read_target(const ConfigNode& node, Target& target) {
  using Reader = void (*)(const ConfigNode&, Target&);
  constexpr std::pair<std::string_view, Reader> kKinds[] = {
      {"url", read_http},        {"tcp", read_tcp},           {"interface", read_interface},
      {"process", read_process}, {"pid_file", read_pid_file}, {"script", read_script},
      {"file", read_file},       {"host", read_host}};
  std::size_t said = 0;
  for (const auto& [key, reader] : kKinds) {
    if (!node.has(key)) continue;
    if (++said == 1)
      reader(node, target);
    else
      node.fault(key, "a track looks after one thing", "another track for it");
  }
  if (said == 0)
    node.fault("", "what to look after is not said",
               "one of url, tcp, interface, process, pid_file, script, file, host");
}

TrackOptions read_track(const ConfigNode& node) {
  TrackOptions track;
  node.require("name", track.name);
  read_target(node, track.target);
  node.read("interval", track.interval, {.least = 10ms, .most = 1h});
  node.read("timeout", track.timeout, {.least = 1ms, .most = 1h});
  node.read("rise", track.hysteresis.rise, {1, 1000});
  node.read("fall", track.hysteresis.fall, {1, 1000});
  node.read_choice("on_failure", track.on_failure,
                   {{"release", OnFailure::Release}, {"lower_priority", OnFailure::LowerPriority}});
  if (node.has("lower_by") && track.on_failure != OnFailure::LowerPriority)
    node.fault("lower_by", "has no effect with on_failure: release", "on_failure: lower_priority");
  node.read("lower_by", track.lower_by, {1, 253});
  return track;
}

}  // namespace

void read_tracks(const ConfigNode& node, daemon::RouterOptions& router) {
  for (const auto& item : node.items("track", 0, kMostTracks)) {
    auto track = read_track(item);
    if (std::ranges::any_of(router.tracks,
                            [&](const auto& other) { return other.name == track.name; }))
      item.fault("name", '"' + track.name + "\" is the name of another track here",
                 "a name of its own");
    router.tracks.push_back(std::move(track));
  }
}

}  // namespace vrrp::config
