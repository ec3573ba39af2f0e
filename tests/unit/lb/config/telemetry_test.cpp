#include "tests/unit/lb/config/support.hpp"

using namespace lb::config;

TEST_CASE("The access log's sample and what it tells are read", "[lb][config]") {
  const auto loaded = load_text(
      kLeast + "access_log: {sample: 0.5%, slow: 250ms, query: false, user_agent: true}\n",
      "t.yaml");
  REQUIRE(loaded.snapshot);
  const auto& log = loaded.snapshot->access_log;
  CHECK(log.sample == Approx(0.005));
  CHECK(log.slow == std::chrono::milliseconds{250});
  CHECK_FALSE(log.query);
  CHECK(log.user_agent);
  CHECK_FALSE(log.referer);
  for (const auto* share : {"1", "101%", "-1%", "1 %", "%", "x%"})
    CHECK(has(first_fault(kLeast + "access_log: {sample: \"" + std::string{share} + "\"}\n"),
              "a share from 0% to 100%"));
}

TEST_CASE("Tracing needs a collector that can be reached", "[lb][config]") {
  const auto loaded = load_text(
      kLeast +
          "tracing: {enabled: true, endpoint: \"http://127.0.0.1:4318/v1/traces\", sample: 10%}\n",
      "t.yaml");
  REQUIRE(loaded.snapshot);
  CHECK(loaded.snapshot->tracing.sample == Approx(0.1));
  CHECK(has(first_fault(kLeast + "tracing: {enabled: true}\n"), "http://127.0.0.1:4318/v1/traces"));
  CHECK(has(first_fault(kLeast + "tracing: {endpoint: \"https://a/\"}\n"), "no collector"));
  CHECK(has(
      first_fault(kLeast + "tracing: {enabled: true, endpoint: \"http://a\", propagation: pass}\n"),
      "participate"));
}
