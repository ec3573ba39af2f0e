#include "lb/config/load.hpp"

#include "common/log_options.hpp"
#include "lb/config/readers.hpp"

#include <algorithm>
#include <set>

namespace lb::config {
namespace {

constexpr std::uint32_t kMostWorkers = 256;

/// Warnings: the file may be for another machine, or what is in the way be gone by then.
void look_at(const Machine& machine, const common::ConfigNode& node,
             const net::ListenerOptions& listener) {
  auto wrong = machine.against_listening(listener.address);
  if (!wrong.empty())
    node.warn("address", std::move(wrong),
              "an address of this machine that nobody else listens on");
}

void look_at(const Machine& machine, const common::ConfigNode& node,
             const telemetry::AccessLogOptions& log) {
  if (!log.enabled || log.file.empty()) return;
  auto wrong = machine.against_writing(log.file);
  if (!wrong.empty())
    node.warn("file", std::move(wrong), "a file that lbd may write, in a folder that exists");
}

void read_listeners(const common::ConfigNode& root, const Machine* machine, Snapshot& snapshot) {
  std::set<common::SocketAddress> taken;
  read_admin(root, snapshot.admin);
  snapshot.admin_tls = read_admin_tls(root);
  for (const auto* const doors : {&snapshot.admin.listen, &snapshot.admin.secure_listen})
    for (const auto& door : *doors)
      if (!door.is_unix() && door.tcp.port != 0) taken.insert(door.tcp);
  for (const auto& node : root.items("listeners", 1, 16)) {
    net::ListenerOptions listener;
    listener.address.port = 0;  // one that is faulty is nobody's double
    node.require("address", listener.address);
    node.read("backlog", listener.backlog, {1, 65535});
    node.read("name", listener.name);
    read_proxy_header(node, listener.proxy_header);
    if (listener.name.empty()) listener.name = listener.address.to_string();
    const bool named = std::any_of(
        snapshot.listeners.begin(), snapshot.listeners.end(),
        [&listener](const net::ListenerOptions& other) { return other.name == listener.name; });
    if (named && node.has("name"))
      node.fault("name", '"' + listener.name + "\" is taken", "a name of its own");
    if (listener.address.port != 0 && !taken.insert(listener.address).second)
      node.fault("address", listener.address.to_string() + " is listened on already",
                 "an address of its own");
    else if (machine != nullptr)
      look_at(*machine, node, listener);
    const auto http2 = read_http2(node);
    if (http2) snapshot.http2[listener.name] = *http2;
    if (auto tls = read_tls(node, http2.has_value())) snapshot.tls[listener.name] = std::move(tls);
    snapshot.listeners.push_back(listener);
  }
}

void read_logs(const common::ConfigNode& root, const Machine* machine, Snapshot& snapshot) {
  common::read_log_options(root.section("log"), snapshot.log);
  const auto access_log = root.section("access_log");
  read_access_log(access_log, snapshot.access_log);
  if (machine != nullptr) look_at(*machine, access_log, snapshot.access_log);
  read_tracing(root.section("tracing"), snapshot.tracing);
  read_overload(root.section("overload"), snapshot.overload);
}

void read_folders(const common::ConfigNode& node, std::string_view key,
                  std::vector<std::string>& folders) {
  node.read(key, folders);
  for (const auto& folder : folders)
    if (!folder.starts_with('/'))
      node.fault(key, '"' + folder + "\" cannot be allowed", "an absolute path of a folder");
}

Loaded load(const common::ConfigDocument& document, const Machine* machine) {
  auto snapshot = std::make_shared<Snapshot>();
  const auto root = document.root();
  root.read("workers", snapshot->workers, {0, kMostWorkers});
  read_listeners(root, machine, *snapshot);
  read_logs(root, machine, *snapshot);
  const auto drain = root.section("drain");
  drain.read("grace", snapshot->drain.grace);
  drain.read("deadline", snapshot->drain.deadline);
  const auto sandbox = root.section("sandbox");
  sandbox.read("enabled", snapshot->sandbox.enabled);
  sandbox.read("seccomp", snapshot->sandbox.seccomp);
  read_folders(sandbox, "read", snapshot->sandbox.read);
  read_folders(sandbox, "execute", snapshot->sandbox.execute);
  read_timeouts(root.section("timeouts"), snapshot->proxy.timeouts);
  read_limits(root.section("limits"), snapshot->proxy.limits);
  read_networks(root, "trusted_proxies", snapshot->proxy.trusted_proxies);
  root.read("merge_slashes", snapshot->merge_slashes);
  read_resolver(root.section("resolver"), snapshot->resolver);
  snapshot->upstreams = read_upstreams(root);
  read_routes(root, *snapshot);
  snapshot->files = document.files();
  Loaded loaded;
  loaded.errors = document.errors();
  loaded.warnings = document.warnings();
  loaded.settings = document.settings();
  if (loaded.errors.empty()) loaded.snapshot = std::move(snapshot);
  return loaded;
}

}  // namespace

Loaded load_file(const std::string& path, const Machine* machine) {
  return load(common::ConfigDocument::from_file(path), machine);
}

Loaded load_text(std::string_view text, std::string name, const Machine* machine) {
  return load(common::ConfigDocument::from_text(text, std::move(name)), machine);
}

}  // namespace lb::config
