#include "vrrpd/daemon/deadline_timer.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <vector>

namespace vrrp::daemon {
namespace {

using common::Clock;
using common::Duration;
using common::TimePoint;
using namespace std::chrono_literals;

/// Runs until it has called back `times` times.
struct Driven {
  boost::asio::io_context context{1};
  std::vector<TimePoint> called;  // when
  std::vector<TimePoint> due;
  DeadlineTimer timer{context, [this](TimePoint at) {
                        called.push_back(Clock::now());
                        due.push_back(at);
                        if (next) next(at);
                      }};
  std::function<void(TimePoint)> next;

  void run(std::size_t times) {
    while (called.size() < times && context.run_one_for(10s) != 0) {
    }
    REQUIRE(called.size() == times);
  }
};

TEST_CASE("A deadline is told once, and not before it", "[vrrp][daemon]") {
  Driven driven;
  const auto at = Clock::now() + 5ms;
  driven.timer.set(at, Duration::zero(), Clock::now());
  driven.timer.set(at, Duration::zero(), Clock::now());
  driven.run(1);
  CHECK(driven.due == std::vector{at});
  CHECK(driven.called.front() >= at);
  driven.context.run();
  CHECK(driven.called.size() == 1);
}

TEST_CASE("A deadline may be put off again and again, and comes sooner", "[vrrp][daemon]") {
  Driven driven;
  const auto begin = Clock::now();
  const auto later = GENERATE(6ms, 12ms, 30ms);
  driven.timer.set(begin + 5ms, Duration::zero(), begin);
  driven.timer.set(begin + later, Duration::zero(), begin);
  driven.timer.set(begin + 2 * later, Duration::zero(), begin + 1ms);
  const auto last = begin + GENERATE(1ms, 8ms, 40ms);
  driven.timer.set(last, Duration::zero(), begin + 1ms);
  driven.run(1);
  CHECK(driven.due == std::vector{last});
  CHECK(driven.called.front() >= last);
  driven.context.run();  // an alarm of before finds nothing to do
  CHECK(driven.called.size() == 1);
}

TEST_CASE("A deadline that is taken back is not told", "[vrrp][daemon]") {
  Driven driven;
  const auto begin = Clock::now();
  driven.timer.set(begin, 1ms, begin);
  driven.timer.set(TimePoint::max(), Duration::zero(), begin);
  driven.context.run();
  CHECK(driven.called.empty());
}

TEST_CASE("Deadlines a period apart follow each other without loss", "[vrrp][daemon]") {
  Driven driven;
  const auto begin = Clock::now();
  // As foreseen, except that the third is sooner and the fifth later.
  const std::vector<Duration> steps{2ms, 2ms, 1ms, 2ms, 5ms, 2ms, 2ms};
  std::vector<TimePoint> wanted{begin};
  for (const auto step : steps) wanted.push_back(wanted.back() + step);
  driven.next = [&](TimePoint) {
    const auto done = driven.called.size();
    driven.timer.set(done < wanted.size() ? wanted[done] : TimePoint::max(), 2ms, Clock::now());
  };
  driven.timer.set(begin, 2ms, begin);
  driven.run(wanted.size());
  CHECK(driven.due == wanted);
  CHECK(std::ranges::equal(driven.called, wanted, std::ranges::greater_equal{}));
  driven.context.run();  // nothing is armed any more
  CHECK(driven.called.size() == wanted.size());
}

}  // namespace
}  // namespace vrrp::daemon
