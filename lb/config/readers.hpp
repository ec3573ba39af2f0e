#pragma once

#include "common/yaml_reader.hpp"
#include "lb/config/snapshot.hpp"
#include "lb/filters/path_change.hpp"

#include <optional>

namespace lb::config {

void read_admin(const common::ConfigNode& root, admin::AdminOptions& admin);
void read_access_log(const common::ConfigNode& node, telemetry::AccessLogOptions& options);
void read_overload(const common::ConfigNode& node, overload::OverloadOptions& options);
void read_tracing(const common::ConfigNode& node, telemetry::TracingOptions& options);
/// A list of addresses and networks.
void read_networks(const common::ConfigNode& node, std::string_view key,
                   std::vector<common::PrefixedAddress>& out);
void read_proxy_header(const common::ConfigNode& listener, net::ProxyHeaderOptions& header);
/// TLS of a listener; null when it has none, or a faulty one. `http2`: is offered.
std::shared_ptr<tls::Server> read_tls(const common::ConfigNode& listener, bool http2);
/// The same of the operator's door.
std::shared_ptr<tls::Server> read_admin_tls(const common::ConfigNode& root);
/// HTTP/2 of a listener; nothing when it is off.
std::optional<http2::Options> read_http2(const common::ConfigNode& listener);
/// TLS towards the endpoints of an upstream, which must choose `protocol` by ALPN unless that is
/// empty; null when it has none, or a faulty one.
std::shared_ptr<const tls::Client> read_upstream_tls(const common::ConfigNode& upstream,
                                                     std::string protocol);
void read_timeouts(const common::ConfigNode& node, proxy::Timeouts& timeouts);
void read_limits(const common::ConfigNode& node, proxy::Limits& limits);
/// What a route has of its own; the rest is the site's.
proxy::Bounds read_bounds(const common::ConfigNode& route, const proxy::ProxyOptions& site);
void read_resolver(const common::ConfigNode& node, discovery::ResolverOptions& options);
/// `endpoints` of an upstream.
void read_endpoints(const common::ConfigNode& upstream, upstream::UpstreamOptions& options);
/// What is not there is off: without these sections only the checks take endpoints out.
void read_passive(const common::ConfigNode& upstream, health::PassiveOptions& options);
void read_circuit(const common::ConfigNode& upstream, health::CircuitOptions& options);
void read_check(const common::ConfigNode& check, upstream::CheckOptions& options);
std::vector<upstream::UpstreamOptions> read_upstreams(const common::ConfigNode& root);
/// What `balance`, `queue` and `retry` of an upstream say.
void read_balance(const common::ConfigNode& node, upstream::UpstreamOptions& options);
/// After the upstreams, which routes name.
void read_routes(const common::ConfigNode& root, Snapshot& snapshot);
/// Warns of routes that lead around a certificate of clients; `nodes`: of the routes.
void judge_ways(const std::vector<common::ConfigNode>& nodes, const Snapshot& snapshot);
/// The place of the upstream that `upstream` names.
std::size_t read_upstream_name(const common::ConfigNode& node, const Snapshot& snapshot);

struct FilterList {
  std::vector<std::shared_ptr<const filters::Filter>> filters;
  bool answers{false};  // one of them is there to answer: no upstream is needed
};
/// The filters below `filters` of the site or of a route, whose name `owner` is.
FilterList read_filters(const common::ConfigNode& node, const Snapshot& snapshot,
                        const std::string& owner);
/// Those of the site with those of the node instead, where it has any; null when it has none.
std::shared_ptr<const filters::ErrorPages> read_error_pages(const common::ConfigNode& node,
                                                            const filters::ErrorPages* site);

/// A path to be routed on or forwarded; faults are told at `key`.
void read_path(const common::ConfigNode& node, std::string_view key, std::string& out);

}  // namespace lb::config
