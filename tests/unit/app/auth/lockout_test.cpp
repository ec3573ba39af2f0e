#include "app/auth/lockout.hpp"

#include "tests/support/catch.hpp"

using booking::auth::lockout_wait;
using namespace std::chrono_literals;

TEST_CASE("Waits double after the free failures, up to the longest", "[app][auth]") {
  const common::WallTime now{std::chrono::hours{1'000'000}};
  struct Row {
    std::uint32_t failures;
    std::chrono::microseconds ago;
    std::chrono::seconds wait;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {0, 0s, 0s},
      {4, 0s, 0s},
      {5, 0s, 1s},
      {6, 0s, 2s},
      {10, 0s, 32s},
      {10, 30s, 2s},
      {10, 31500ms, 1s},
      {10, 32s, 0s},
      {15, 0s, 900s},
      {4'000'000'000, 0s, 900s},
      {15, 899s, 1s},
      {15, 24h, 0s},
      {6, -1h, 2s},  // a clock set back
  }));
  CAPTURE(row.failures, row.ago.count());
  CHECK(lockout_wait(row.failures, now - row.ago, now) == row.wait);
}
