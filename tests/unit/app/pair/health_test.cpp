#include "app/pair/health.hpp"

#include "app/pair/settings.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/app/pair/seen_pair.hpp"

namespace booking::pair::testing {
namespace {

TEST_CASE("A pair in sync is well, and nothing would be lost") {
  const auto health = assess(healthy());
  CHECK(health.state == State::Well);
  CHECK(health.writer == "db1");
  CHECK(health.findings.empty());
  CHECK(health.may_be_lost == "nothing that was acknowledged");
}

TEST_CASE("Semi-sync that is on and does not work is not taken for safe") {
  auto seen = healthy();
  seen.nodes[0].semi_sync = false;  // after a timeout: enabled, status OFF
  seen.nodes[1].applier->received = seen.nodes[1].applied = seen.nodes[1].written =
      position("0-31-90");
  const auto health = assess(seen);
  CHECK(health.state == State::Degraded);
  CHECK(health.may_be_lost.starts_with("up to 10 transactions"));
}

TEST_CASE("Two nodes that can be written to are told before all else") {
  auto seen = healthy();
  seen.nodes[1].read_only = false;
  CHECK(assess(seen).state == State::TwoWriters);
  CHECK(assess(seen).writer.empty());
}

TEST_CASE("Each setting that is needed is missed by its name") {
  for (const auto& needed : needed_settings()) {
    INFO(needed.name);
    auto seen = healthy();
    auto& replica = seen.nodes[1];
    replica.settings[std::string{needed.name}] = "another";
    REQUIRE(wrong_settings(replica).size() == 1);
    CHECK(wrong_settings(replica).front().starts_with(std::string{needed.name} + " = another"));
    CHECK(assess(seen).state == State::Degraded);
  }
}

TEST_CASE("Each fault is found and says what mends it") {
  struct {
    const char* name;
    void (*make)(PairSeen&);
    const char* words;
    State state;
  } const rows[] = {
      {"no writer", [](PairSeen& s) { s.nodes[0].read_only = true; }, "dbctl failover",
       State::Down},
      {"replica gone",
       [](PairSeen& s) {
         unreachable(s.nodes[1]);
         s.nodes[0].semi_sync_replicas = 0;
       },
       "dbctl degrade", State::Degraded},
      {"replica rests", [](PairSeen& s) { s.nodes[1].applier->connected = false; },
       "does not receive", State::Degraded},
      {"replica not applying", [](PairSeen& s) { s.nodes[1].applier->applying = false; },
       "does not apply", State::Degraded},
      {"no replica of it", [](PairSeen& s) { s.nodes[1].applier.reset(); }, "dbctl rejoin",
       State::Degraded},
      {"no record", [](PairSeen& s) { s.record.reset(); }, "no record", State::Degraded},
      {"old record", [](PairSeen& s) { s.record->epoch = 2; }, "the record names db1 in epoch 2",
       State::Degraded},
      {"replica would wait", [](PairSeen& s) { s.nodes[1].waits_for_replica = true; }, "would wait",
       State::Degraded},
      {"writer of a lower epoch",
       [](PairSeen& s) {
         s.nodes[1].epoch = {4, 32};
       },
       "bookd refuses it", State::Degraded},
      {"primary's disk full", [](PairSeen& s) { s.nodes[0].out_of_room = true; },
       "dbctl failover --kill", State::Degraded},
      {"replica's disk full", [](PairSeen& s) { s.nodes[1].out_of_room = true; }, "dbctl degrade",
       State::Degraded},
      {"not durable", [](PairSeen& s) { s.nodes[1].settings["sync_binlog"] = "0"; },
       "sync_binlog = 0, 1 is needed", State::Degraded},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    auto seen = healthy();
    row.make(seen);
    const auto health = assess(seen);
    CHECK(health.state == row.state);
    std::string all;
    for (const auto& finding : health.findings) all += finding + '\n';
    CHECK(all.find(row.words) != std::string::npos);
  }
}

}  // namespace
}  // namespace booking::pair::testing
