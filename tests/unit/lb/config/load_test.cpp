#include "tests/unit/lb/config/support.hpp"

#include <algorithm>

using namespace lb::config;

TEST_CASE("The configuration that is shipped is right", "[lb][config]") {
  const auto loaded = load_file(MAINSTAY_SOURCE_DIR "/conf/lbd.yaml");
  for (const auto& error : loaded.errors) FAIL_CHECK(error.to_string());
  REQUIRE(loaded.snapshot);
  CHECK(loaded.snapshot->upstreams.front().endpoints.size() == 2);
  CHECK(loaded.snapshot->proxy.limits.body.value == 16U << 20U);
}

TEST_CASE("What is left out has its default", "[lb][config]") {
  const auto loaded = load_text(kLeast, "t.yaml");
  REQUIRE(loaded.snapshot);
  CHECK(loaded.snapshot->routes.front().path.text == "/");
  CHECK(loaded.snapshot->upstreams.front().check.hysteresis.fall == 2);
  CHECK(loaded.snapshot->admin.listen.front().to_string() == "127.0.0.1:9101");
}

TEST_CASE("References to nowhere and doubles are faults", "[lb][config]") {
  const std::string upstreams = "upstreams: [{name: a, endpoints: [\"127.0.0.1:1\"]}]\n";
  const std::string listeners = "listeners: [{address: \"127.0.0.1:80\"}]\n";
  CHECK(has(first_fault(listeners + upstreams + "routes: [{upstream: b}]\n"),
            "there is no upstream \"b\""));
  CHECK(has(first_fault(listeners + upstreams + "routes: [{upstream: a}, {upstream: a}]\n"),
            "have a route already"));
  CHECK(has(first_fault("listeners: [{address: \"127.0.0.1:80\"}, {address: \"127.0.0.1:80\"}]\n" +
                        upstreams + "routes: [{upstream: a}]\n"),
            "listened on already"));
  // What is no address is not the double of another that is none.
  CHECK(load_text(
            "listeners: [{address: a}, {address: b}]\n" + upstreams + "routes: [{upstream: a}]\n",
            "t.yaml")
            .errors.size() == 2);
  CHECK(has(first_fault(listeners +
                        "upstreams: [{name: a, endpoints: [\"x\"]}]\nroutes: [{upstream: a}]\n"),
            "\"x\" is no endpoint"));
  CHECK(has(first_fault(kLeast + "lmits: {body: 1MiB}\n"), "limits"));
}

TEST_CASE("All faults are told at once", "[lb][config]") {
  const auto loaded =
      load_text(kLeast + "workers: -1\ntimeouts: {head: 5}\nlog: {level: loud}\n", "t.yaml");
  CHECK_FALSE(loaded.snapshot);
  CHECK(loaded.errors.size() == 3);
}
