#include "lb/balancing/candidates.hpp"
#include "lb/config/readers.hpp"
#include "lb/http/target.hpp"

#include <algorithm>
#include <set>

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr common::DurationRange kTimeout{milliseconds{1}, hours{24}};
constexpr common::DurationRange kCheckTime{milliseconds{10}, hours{1}};
constexpr std::size_t kMostUpstreams = 256;

bool is_path(std::string_view text) {
  return text.starts_with('/') && http::parse_target(text, false).has_value();
}

void read_endpoints(const common::ConfigNode& node, upstream::UpstreamOptions& options) {
  std::vector<std::string> words;
  node.require("endpoints", words);
  std::set<common::SocketAddress> seen;
  for (const auto& word : words) {
    const auto address = common::SocketAddress::parse(word);
    if (!address || address->port == 0) {
      node.fault("endpoints", '"' + word + "\" is no endpoint",
                 "address:port, such as 10.0.0.21:8080");
    } else if (!seen.insert(*address).second) {
      node.fault("endpoints", word + " is named twice", "every endpoint once");
    } else {
      options.endpoints.push_back(*address);
    }
  }
  if (node.has("endpoints") && words.empty())
    node.fault("endpoints", "it is empty", "at least one address:port");
  if (words.size() > balancing::EndpointSet::kMost)
    node.fault("endpoints", "there are too many", "at most 64 in one upstream");
}

void read_check(const common::ConfigNode& node, upstream::CheckOptions& check) {
  node.read("enabled", check.enabled);
  node.read("path", check.path);
  if (!is_path(check.path))
    node.fault("path", '"' + check.path + "\" is no path", "a path such as /readyz");
  node.read("host", check.host);
  if (!check.host.empty() && !http::is_authority(check.host))
    node.fault("host", '"' + check.host + "\" is no host name",
               "a host name, with a port if need be");
  node.read("least_status", check.least_status, {200, 599});
  node.read("most_status", check.most_status, {200, 599});
  if (check.least_status > check.most_status)
    node.fault("most_status", "it is below least_status", "at least least_status");
  node.read("interval", check.interval, kCheckTime);
  node.read("timeout", check.timeout, kCheckTime);
  node.read("rise", check.hysteresis.rise, {1, 100});
  node.read("fall", check.hysteresis.fall, {1, 100});
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
    const auto timeouts = node.section("timeouts");
    timeouts.read("connect", options.connect_timeout, kTimeout);
    timeouts.read("first_byte", options.first_byte_timeout, kTimeout);
    timeouts.read("between_bytes", options.between_bytes_timeout, kTimeout);
    timeouts.read("idle", options.idle_timeout, kTimeout);
    node.read("idle_connections", options.idle_connections, {0, 10'000});
    upstreams.push_back(std::move(options));
  }
  return upstreams;
}

}  // namespace lb::config
