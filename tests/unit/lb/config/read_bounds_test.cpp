#include "tests/unit/lb/config/support.hpp"

namespace lb::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kPlaces = R"(
listeners: [{address: "127.0.0.1:80"}]
upstreams: [{name: a, endpoints: ["127.0.0.1:1"], timeouts: {first_byte: 7s}}]
)";

TEST_CASE("A route has the bounds of the site but for its own", "[lb][config]") {
  const auto loaded = load_text(kPlaces + R"(
limits: {body: 2MiB}
timeouts: {body: 5s, total: 6s, tunnel: 7s}
routes:
  - {path: /, upstream: a}
  - path: /upload
    upstream: a
    limits: {body: 1GiB, body_rate: 2KiB}
    timeouts: {body: 5m, body_grace: 1m, total: 12h, tunnel: 8s, first_byte: 9s, between_bytes: 10s}
)",
                                "t.yaml");
  REQUIRE(loaded.snapshot);
  const auto& plain = loaded.snapshot->bounds.at(0);
  CHECK(plain.body == 2U << 20U);
  CHECK(plain.body_rate == 500);
  CHECK(plain.body_idle == seconds{5});
  CHECK(plain.body_grace == seconds{30});
  CHECK(plain.total == seconds{6});
  CHECK(plain.tunnel == seconds{7});
  CHECK(plain.first_byte == milliseconds{0});  // the upstream's
  CHECK(plain.between_bytes == milliseconds{0});
  const auto& own = loaded.snapshot->bounds.at(1);
  CHECK(own.body == 1U << 30U);
  CHECK(own.body_rate == 2048);
  CHECK(own.body_idle == seconds{300});
  CHECK(own.body_grace == seconds{60});
  CHECK(own.total == hours{12});
  CHECK(own.tunnel == seconds{8});
  CHECK(own.first_byte == seconds{9});
  CHECK(own.between_bytes == seconds{10});
}

TEST_CASE("Bounds that a route cannot have are refused", "[lb][config]") {
  struct Case {
    const char* bounds;
    const char* error;
  };
  for (const auto& [bounds, error] : {
           Case{"limits: {body: 0B}", "t.yaml:4: routes[0].limits.body: 0B is too small"},
           Case{"limits: {body: much}", "routes[0].limits.body"},
           Case{"limits: {head: 1KiB}", "t.yaml:4: routes[0].limits.head"},
           Case{"timeouts: {first_byte: 0s}", "routes[0].timeouts.first_byte: 0s is too short"},
           Case{"timeouts: {total: 25h}", "routes[0].timeouts.total: 25h is too long"},
           Case{"timeouts: {keep_alive: 1s}", "routes[0].timeouts.keep_alive"},
       }) {
    const auto said =
        first_fault(kPlaces + "routes: [{upstream: a, " + std::string{bounds} + "}]\n");
    CAPTURE(bounds, said);
    CHECK(has(said, error));
  }
}

}  // namespace
}  // namespace lb::config
