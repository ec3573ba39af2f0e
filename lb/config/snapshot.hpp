#pragma once

#include "common/log.hpp"
#include "lb/admin/admin_options.hpp"
#include "lb/discovery/resolver_options.hpp"
#include "lb/filters/filter.hpp"
#include "lb/http2/options.hpp"
#include "lb/net/listener.hpp"
#include "lb/overload/options.hpp"
#include "lb/proxy/proxy_options.hpp"
#include "lb/routing/route.hpp"
#include "lb/sandbox/sandbox.hpp"
#include "lb/telemetry/access_log.hpp"
#include "lb/telemetry/span.hpp"
#include "lb/tls/server.hpp"
#include "lb/upstream/upstream_options.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lb::config {

struct DrainOptions {
  /// After SIGTERM /readyz says no while everything is still served: time for whoever steers
  /// traffic here to notice.
  std::chrono::milliseconds grace{1000};
  std::chrono::milliseconds deadline{30'000};  // then what is left is cut
};

/// A whole configuration, checked. Never changes: a reload makes the next one.
struct Snapshot {
  std::uint32_t workers{0};  // 0: one for each processor this process may use
  std::vector<net::ListenerOptions> listeners;
  /// Of the listeners that speak TLS, by their names. What their files hold may be read anew.
  std::map<std::string, std::shared_ptr<tls::Server>, std::less<>> tls;
  /// Of the listeners that speak HTTP/2, by their names.
  std::map<std::string, http2::Options, std::less<>> http2;
  admin::AdminOptions admin;
  std::shared_ptr<tls::Server> admin_tls;  // of `admin.secure_listen`; null: nobody speaks it there
  common::LogOptions log;
  telemetry::AccessLogOptions access_log;
  telemetry::TracingOptions tracing;
  overload::OverloadOptions overload;
  DrainOptions drain;
  sandbox::SandboxOptions sandbox;
  proxy::ProxyOptions proxy;
  discovery::ResolverOptions resolver;
  std::vector<upstream::UpstreamOptions> upstreams;
  std::vector<routing::Route> routes;                         // by place in `upstreams`
  bool merge_slashes{true};                                   // of paths, for routes
  std::shared_ptr<const filters::ErrorPages> error_pages;     // null: lbd's own
  std::vector<std::shared_ptr<const filters::Chain>> chains;  // one for each route; may be null
  std::shared_ptr<const filters::Chain> chain_of_rest;        // where no route is; may be null
  std::vector<proxy::Bounds> bounds;                          // one for each route
  std::vector<std::string> files;                             // that it names, whatever for

  /// All who show certificates, by the name of the listener; the operator's door is `admin.tls`.
  std::vector<std::pair<std::string, std::shared_ptr<tls::Server>>> tls_servers() const {
    std::vector<std::pair<std::string, std::shared_ptr<tls::Server>>> all{tls.begin(), tls.end()};
    if (admin_tls) all.emplace_back("admin.tls", admin_tls);
    return all;
  }
};

}  // namespace lb::config
