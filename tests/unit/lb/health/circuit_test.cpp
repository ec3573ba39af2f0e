#include "lb/health/circuit.hpp"

#include "tests/support/catch.hpp"

using namespace lb::health;
using namespace std::chrono_literals;
using State = Circuit::State;

namespace {

const common::TimePoint kNow{1h};
const CircuitOptions kOptions{.enabled = true};

Circuit opened() {
  Circuit circuit{kOptions};
  CHECK(circuit.on_served(0, 20, kNow));
  return circuit;
}

}  // namespace

TEST_CASE("A share of failures opens a circuit", "[lb][health]") {
  struct Row {
    std::uint64_t good;
    std::uint64_t bad;
    State state;
  };
  const auto row =
      GENERATE(Row{0, 19, State::Closed}, Row{0, 20, State::Open}, Row{10, 10, State::Open},
               Row{11, 10, State::Closed}, Row{1000, 900, State::Closed}, Row{0, 0, State::Closed});
  Circuit circuit{kOptions};
  circuit.on_served(row.good, row.bad, kNow);
  CHECK(circuit.state() == row.state);
  CHECK(circuit.usable() == (row.state == State::Closed));
}

TEST_CASE("Failures are counted over the window, and no longer", "[lb][health]") {
  Circuit together{kOptions};
  together.on_served(0, 10, kNow);
  CHECK(together.on_served(0, 10, kNow + 6s));
  Circuit apart{kOptions};
  apart.on_served(0, 10, kNow);
  CHECK_FALSE(apart.on_served(0, 10, kNow + 11s));
}

TEST_CASE("An open circuit lets a few try when its time is over", "[lb][health]") {
  auto circuit = opened();
  CHECK(circuit.trials() == 0);
  CHECK(circuit.next_deadline() == kNow + 5s);
  CHECK_FALSE(circuit.on_time(kNow + 4s));
  CHECK_FALSE(circuit.on_served(100, 0, kNow + 4s));  // what still ran there
  CHECK(circuit.on_time(kNow + 5s));
  CHECK(circuit.state() == State::HalfOpen);
  CHECK(circuit.usable());
  CHECK(circuit.trials() == 3);
  CHECK(circuit.next_deadline() == common::TimePoint::max());
}

TEST_CASE("Good trials close it, a bad one opens it for longer", "[lb][health]") {
  auto circuit = opened();
  circuit.on_time(kNow + 5s);
  CHECK_FALSE(circuit.on_served(2, 0, kNow + 6s));
  CHECK(circuit.on_served(1, 0, kNow + 7s));
  CHECK(circuit.state() == State::Closed);
  CHECK(circuit.trials() == 0);

  auto worse = opened();
  auto now = kNow;
  for (const auto wait : {5s, 10s, 20s, 40s, 60s, 60s}) {
    CHECK(worse.next_deadline() == now + wait);
    now += wait;
    CHECK(worse.on_time(now));
    CHECK(worse.on_served(1, 1, now));
    CHECK(worse.state() == State::Open);
  }
}

TEST_CASE("A circuit that is not wanted stays closed", "[lb][health]") {
  Circuit off{{.enabled = false}};
  CHECK_FALSE(off.on_served(0, 1000, kNow));
  auto circuit = opened();
  circuit.configure({.enabled = false});
  CHECK(circuit.state() == State::Closed);
}
