#include "app/core/idempotency.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace booking::core;
using namespace std::chrono_literals;

TEST_CASE("What becomes of a request is decided by what is known of its key", "[app][core]") {
  const common::WallTime now{std::chrono::hours{1'000'000}};
  const Fingerprint mine{1};
  const Fingerprint other{2};
  struct Row {
    KeyObservation observed;
    KeyDecision decision;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {{false, {}}, KeyDecision::Fresh},
      {{true, {}}, KeyDecision::Running},
      {{false, {{mine, now}}}, KeyDecision::Replay},
      {{false, {{other, now}}}, KeyDecision::Mismatch},
      {{false, {{mine, now - 72h + 1us}}}, KeyDecision::Replay},
      {{false, {{mine, now - 72h}}}, KeyDecision::Fresh},
      {{false, {{other, now - 72h}}}, KeyDecision::Fresh},
      {{false, {{mine, now + 5s}}}, KeyDecision::Replay},  // the other node's clock is ahead
  }));
  CHECK(decide(row.observed, mine, now) == row.decision);
}

TEST_CASE("A key is 1 to 128 visible ASCII characters", "[app][core]") {
  CHECK(is_idempotency_key("a"));
  CHECK(is_idempotency_key("~!8e03978e-40d5-43dd"));
  CHECK(is_idempotency_key(std::string(128, 'k')));
  CHECK_FALSE(is_idempotency_key(std::string(129, 'k')));
  for (const auto* bad : {"", "a b", "a\tb", "a\x7f", "키", "\x1f"})
    CHECK_FALSE(is_idempotency_key(bad));
}
