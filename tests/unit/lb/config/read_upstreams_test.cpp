#include "lb/config/load.hpp"
#include "lb/upstream/roster_view.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace lb::config;
using namespace lb::upstream;
using namespace std::chrono_literals;

namespace {

Loaded load(const std::string& upstream) {
  return load_text("listeners: [{address: 127.0.0.1:80}]\nupstreams:\n  - name: a\n" + upstream +
                       "routes: [{upstream: a}]\n",
                   "t.yaml");
}

Loaded load_endpoint(const std::string& endpoint) {
  return load("    endpoints: [" + endpoint + "]\n");
}

Loaded load_check(const std::string& check) {
  return load("    endpoints: [\"127.0.0.1:1\"]\n    check: {" + check + "}\n");
}

UpstreamOptions upstream_of(const Loaded& loaded) {
  INFO((loaded.errors.empty() ? "" : loaded.errors.front().to_string()));
  REQUIRE(loaded.snapshot);
  return loaded.snapshot->upstreams.front();
}

bool says(const Loaded& loaded, std::string_view text) {
  return std::any_of(loaded.errors.begin(), loaded.errors.end(), [text](const auto& error) {
    return error.to_string().find(text) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("Endpoints are asked in HTTP/2 where the upstream says so", "[lb][config]") {
  const std::string endpoints = "    endpoints: [\"127.0.0.1:1\"]\n";
  CHECK_FALSE(upstream_of(load(endpoints)).http2.enabled);
  const auto options =
      upstream_of(load(endpoints + "    http2: {enabled: true, connections: 2, "
                                   "max_concurrent_streams: 7, stream_window: 1MiB}\n"));
  CHECK(options.http2 == lb::http2::EndpointOptions{true, 2, 7, common::Bytes{1U << 20U}});
  CHECK(options.check.http2 == options.http2);
  for (const auto* wrong : {"connections: 0", "connections: 65", "max_concurrent_streams: 0",
                            "max_concurrent_streams: 1001", "stream_window: 1KiB"}) {
    CAPTURE(wrong);
    CHECK_FALSE(load(endpoints + "    http2: {" + wrong + "}\n").snapshot);
  }
  CHECK(says(load(endpoints + "    http2: {enabled: true}\n    proxy_protocol: v2\n"),
             "belongs to many clients"));
}

TEST_CASE("Endpoints are words or mappings of four kinds", "[lb][config]") {
  const auto options =
      upstream_of(load("    endpoints:\n"
                       "      - 10.0.0.1:80\n"
                       "      - {address: \"[::1]:81\", name: two, weight: 50, backup: true}\n"
                       "      - {address: 10.0.0.3:80, tier: 2, max_connections: 100}\n"
                       "      - {dns: \"app.internal:8080\", family: v4, weight: 7}\n"
                       "      - {srv: _http._tcp.app.internal}\n"
                       "      - {file: /etc/mainstay/endpoints.txt}\n"));
  REQUIRE(options.endpoints.size() == 6);
  const auto& e = options.endpoints;
  CHECK(std::get<FixedEndpoint>(e[0].from).address.to_string() == "10.0.0.1:80");
  CHECK(e[0].weight == 100);
  CHECK(std::get<FixedEndpoint>(e[1].from).name == "two");
  CHECK(e[1].tier == kBackupTier);
  CHECK(e[1].weight == 50);
  CHECK(e[2].tier == 2);
  CHECK(e[2].most_connections == 100);
  CHECK(std::get<lb::discovery::DnsName>(e[3].from) ==
        lb::discovery::DnsName{"app.internal", 8080, lb::discovery::Family::V4});
  CHECK(e[3].weight == 7);
  CHECK(std::get<lb::discovery::SrvName>(e[4].from).name == "_http._tcp.app.internal");
  CHECK(std::get<lb::discovery::EndpointFile>(e[5].from).path == "/etc/mainstay/endpoints.txt");
}

TEST_CASE("Endpoints that cannot be are refused", "[lb][config]") {
  struct Case {
    const char* endpoint;
    const char* error;
  };
  for (const auto& [endpoint, error] : {
           Case{"x", "t.yaml:4: upstreams[0].endpoints[0]: \"x\" is no endpoint"},
           Case{"\"10.0.0.1:0\"", "is no endpoint"},
           Case{"{weight: 1}", "it does not say where it is"},
           Case{"{address: \"10.0.0.1:80\", dns: \"a:80\"}", "it is in two places"},
           Case{"{address: \"10.0.0.1:80\", name: \"a b\"}", "\"a b\" is no name"},
           Case{"{address: \"10.0.0.1:80\", tier: 1, backup: true}", "it has a tier of its own"},
           Case{"{address: \"10.0.0.1:80\", weight: 10001}", "10001 is too large"},
           Case{"{address: \"10.0.0.1:80\", tier: 100}", "100 is too large"},
           Case{"{address: \"10.0.0.1:80\", wieght: 1}", "weight (did you mean that?)"},
           Case{"{dns: app}", "a host name and a port"},
           Case{"{dns: \"10.0.0.1:80\"}", "a host name and a port"},
           Case{"{dns: \"a..b:80\"}", "a host name and a port"},
           Case{"{dns: \"app:80\", name: x}", "name"},
           Case{"{dns: \"app:80\", family: v5}", "\"v5\" is not known"},
           Case{"{srv: \"a b\"}", "is no name of a service"},
           Case{"{file: endpoints.txt}", "cannot be watched"},
           Case{"\"10.0.0.1:80\", \"10.0.0.1:80\"", "10.0.0.1:80 is named twice"},
           Case{"\"10.0.0.1:80\", {address: \"10.0.0.2:80\", name: \"10.0.0.1:80\"}",
                "\"10.0.0.1:80\" is taken"},
       }) {
    INFO(endpoint);
    const auto loaded = load_endpoint(endpoint);
    CHECK_FALSE(loaded.snapshot);
    INFO((loaded.errors.empty() ? "" : loaded.errors.front().to_string()));
    CHECK(says(loaded, error));
  }
  CHECK(says(load_endpoint(""), "at least 1"));
}

TEST_CASE("Checks are read", "[lb][config]") {
  const auto plain = upstream_of(load_check("")).check;
  CHECK(plain.type == CheckType::Http);
  CHECK(plain.path == "/readyz");
  CHECK(plain.statuses == std::vector<StatusRange>{{200, 299}});
  const auto check =
      upstream_of(load_check("method: HEAD, path: /x, host: app, port: 9000, interval: 2s, "
                             "fast_interval: 500ms, timeout: 3s, rise: 4, fall: 5, "
                             "statuses: [200-204, 401], expect_field: \"X-App:  bookd\""))
          .check;
  CHECK(check.method == "HEAD");
  CHECK(check.port == 9000);
  CHECK(check.statuses == std::vector<StatusRange>{{200, 204}, {401, 401}});
  CHECK(check.field_name == "x-app");
  CHECK(check.field == Expectation{"bookd", {}});
  CHECK(check.fast_interval == 500ms);
  CHECK(check.hysteresis.rise == 4);
  CHECK(upstream_of(load_check("least_status: 200, most_status: 399")).check.statuses ==
        std::vector<StatusRange>{{200, 399}});
  CHECK(upstream_of(load_check("expect_body: ready")).check.body == Expectation{"ready", {}});
  CHECK(upstream_of(load_check("expect_body: {matches: \"^ok$\"}")).check.body ==
        Expectation{{}, "^ok$"});
  CHECK(upstream_of(load_check("expect_field: {name: X-App}")).check.field_name == "x-app");
  CHECK(upstream_of(load_check("type: tcp, port: 80")).check.type == CheckType::Tcp);
}

TEST_CASE("Checks that cannot be are refused", "[lb][config]") {
  struct Case {
    const char* check;
    const char* error;
  };
  for (const auto& [check, error] : {
           Case{"type: tcp, path: /x", "a TCP check asks nothing"},
           Case{"method: POST", "GET, HEAD or OPTIONS"},
           Case{"statuses: [99-200]", "\"99-200\" is no range of statuses"},
           Case{"statuses: [300-200]", "is no range of statuses"},
           Case{"statuses: []", "at least 1"},
           Case{"statuses: [200], least_status: 200", "only one"},
           Case{"expect_body: {matches: \"(\"}", "is no pattern"},
           Case{"expect_body: \"\"", "it expects nothing"},
           Case{"expect_body: x, method: HEAD", "the answer to HEAD has no content"},
           Case{"expect_field: \"a b\"", "is no field name"},
           Case{"fast_interval: 2s", "it is longer than interval"},
           Case{"port: 0", "0 is too small"},
       }) {
    INFO(check);
    CHECK(says(load_check(check), error));
  }
}

TEST_CASE("Passive checks and circuits are off unless they are asked for", "[lb][config]") {
  const std::string endpoints = "    endpoints: [\"127.0.0.1:1\"]\n";
  const auto off = upstream_of(load(endpoints));
  CHECK(off.passive.consecutive_failures == 0);
  CHECK(off.passive.least_endpoints == 0);
  CHECK_FALSE(off.circuit.enabled);
  const auto on = upstream_of(load(endpoints + "    passive: {}\n    circuit: {}\n"));
  CHECK(on.passive.consecutive_failures == 5);
  CHECK(on.passive.least_endpoints == 3);
  CHECK(on.circuit.enabled);
  const auto set = upstream_of(
      load(endpoints +
           "    passive: {consecutive_failures: 2, ejection: 1s, most_ejection: 2s, "
           "most_ejected: 30, interval: 1s, success_rate: {least_requests: 10, "
           "least_endpoints: 2, deviations: 0.5}}\n"
           "    circuit: {window: 1s, failed: 20, open: 1s, most_open: 1m, trials: 1}\n"));
  CHECK(set.passive.consecutive_failures == 2);
  CHECK(set.passive.deviations_tenths == 5);
  CHECK(set.passive.most_ejected_percent == 30);
  CHECK(set.circuit.failed_percent == 20);
  const auto counted =
      upstream_of(load(endpoints + "    passive: {success_rate: {enabled: false}}\n"));
  CHECK(counted.passive.least_endpoints == 0);
  CHECK(counted.passive.consecutive_failures == 5);
  CHECK(says(load(endpoints + "    passive: {ejection: 10m}\n"), "most_ejection"));
  CHECK(says(load(endpoints + "    passive: {success_rate: {deviations: x}}\n"), "such as 1.9"));
}
