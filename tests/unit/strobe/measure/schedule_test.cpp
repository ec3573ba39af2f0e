#include "scripts/strobe/measure/schedule.hpp"

#include "tests/support/catch.hpp"

using namespace std::chrono_literals;
using strobe::measure::Schedule;

TEST_CASE("Requests are due at even distances from the start", "[strobe]") {
  const Schedule schedule{500, 1000};
  CHECK(schedule.offset(0) == 0ns);
  CHECK(schedule.offset(1) == 2ms);
  CHECK(schedule.offset(500) == 1s);
}

TEST_CASE("What is due by an instant is what its offset says", "[strobe]") {
  const auto rate = GENERATE(0.5, 3.0, 7.0, 999.0, 30000.0);
  const Schedule schedule{rate, 100};
  CHECK(schedule.due(-1ns) == 0);
  CHECK(schedule.due(0ns) == 1);
  for (std::uint64_t n = 1; n < 100; ++n) {
    CHECK(schedule.due(schedule.offset(n)) == n + 1);
    CHECK(schedule.due(schedule.offset(n) - 1ns) == n);
  }
}

TEST_CASE("A late look finds everything that came due meanwhile, and never more than there is",
          "[strobe]") {
  const Schedule schedule{100, 50};
  CHECK(schedule.due(95ms) == 10);
  CHECK(schedule.due(1h) == 50);
}
