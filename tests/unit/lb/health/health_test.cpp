#include "lb/health/endpoint_health.hpp"
#include "lb/health/probe_schedule.hpp"
#include "tests/support/catch.hpp"

using namespace lb::health;
using namespace std::chrono_literals;

namespace {
const common::TimePoint kNow{1h};
}

TEST_CASE("An endpoint nobody has checked yet is used", "[lb][health]") {
  EndpointHealth health{{2, 2}};
  CHECK(health.usable());
  CHECK(health.state() == State::Unchecked);
  CHECK(health.on_probe(ProbeResult::Passed, kNow));
  CHECK(health.state() == State::Up);
}

TEST_CASE("Only `fall` failures in a row take an endpoint out, `rise` passes bring it back",
          "[lb][health]") {
  EndpointHealth health{{2, 3}};
  CHECK_FALSE(health.on_probe(ProbeResult::Refused, kNow));
  CHECK_FALSE(health.on_probe(ProbeResult::TimedOut, kNow));
  CHECK(health.on_probe(ProbeResult::Passed, kNow));  // the first pass: Unchecked becomes Up
  CHECK_FALSE(health.on_probe(ProbeResult::Refused, kNow));
  CHECK_FALSE(health.on_probe(ProbeResult::Broken, kNow));
  CHECK(health.usable());
  CHECK(health.on_probe(ProbeResult::WrongStatus, kNow + 1s));
  CHECK_FALSE(health.usable());
  CHECK(health.last_result() == ProbeResult::WrongStatus);
  CHECK(health.changed_at() == kNow + 1s);
  CHECK_FALSE(health.on_probe(ProbeResult::Passed, kNow));
  CHECK_FALSE(health.usable());
  CHECK(health.on_probe(ProbeResult::Passed, kNow));
  CHECK(health.state() == State::Up);
}

TEST_CASE("Probes come up to a tenth of their interval sooner, never later", "[lb][health]") {
  ProbeSchedule schedule{1s, 7};
  bool moved = false;
  for (int i = 0; i < 1000; ++i) {
    const auto next = schedule.after(kNow);
    CHECK(next >= kNow + 900ms);
    CHECK(next <= kNow + 1s);
    moved = moved || next != kNow + 1s;
    const auto first = schedule.first(kNow);
    CHECK(first >= kNow);
    CHECK(first <= kNow + 100ms);
  }
  CHECK(moved);
  CHECK(ProbeSchedule(1h, 7).first(kNow) <= kNow + 1s);
}
