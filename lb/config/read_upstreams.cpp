#include "lb/config/readers.hpp"

#include <algorithm>

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr common::DurationRange kTimeout{milliseconds{1}, hours{24}};
constexpr std::size_t kMostUpstreams = 256;

void read_http2(const common::ConfigNode& upstream, upstream::UpstreamOptions& options) {
  constexpr std::uint64_t kLeastWindow = 16U << 10U;
  constexpr std::uint64_t kMostWindow = 16U << 20U;
  const auto node = upstream.section("http2");
  auto& http2 = options.http2;
  node.read("enabled", http2.enabled);
  node.read("connections", http2.connections, {1, 64});
  node.read("max_concurrent_streams", http2.max_concurrent_streams, {1, 1000});
  node.read("stream_window", http2.stream_window, {kLeastWindow, kMostWindow});
  // In front of a connection it would tell of one client what is of many.
  if (http2.enabled && options.proxy_protocol != proxy_protocol::Version::None)
    upstream.fault("proxy_protocol", "a connection of HTTP/2 belongs to many clients",
                   "one of proxy_protocol and http2");
  options.check.http2 = http2;
}

}  // namespace

std::vector<upstream::UpstreamOptions> read_upstreams(const common::ConfigNode& root) {
  std::vector<upstream::UpstreamOptions> upstreams;
  for (const auto& node : root.items("upstreams", 1, kMostUpstreams)) {
    upstream::UpstreamOptions options;
    node.require("name", options.name);
    const bool taken = std::any_of(upstreams.begin(), upstreams.end(),
                                   [&](const auto& other) { return other.name == options.name; });
    if (taken) node.fault("name", '"' + options.name + "\" is taken", "a name of its own");
    node.read("required", options.required);
    read_endpoints(node, options);
    read_check(node.section("check"), options.check);
    read_passive(node, options.passive);
    read_circuit(node, options.circuit);
    const auto timeouts = node.section("timeouts");
    timeouts.read("connect", options.connect_timeout, kTimeout);
    timeouts.read("first_byte", options.first_byte_timeout, kTimeout);
    timeouts.read("between_bytes", options.between_bytes_timeout, kTimeout);
    timeouts.read("idle", options.idle_timeout, kTimeout);
    node.read("idle_connections", options.idle_connections, {0, 10'000});
    read_balance(node, options);
    using proxy_protocol::Version;
    node.read_choice("proxy_protocol", options.proxy_protocol,
                     {{"none", Version::None}, {"v1", Version::V1}, {"v2", Version::V2}});
    options.check.header = options.proxy_protocol;
    read_http2(node, options);
    options.tls = read_upstream_tls(node, options.http2.enabled ? "h2" : "");
    options.check.tls = options.tls;
    upstreams.push_back(std::move(options));
  }
  return upstreams;
}

}  // namespace lb::config
