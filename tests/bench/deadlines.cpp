#include "lb/net/asio.hpp"
#include "lb/net/deadline.hpp"
#include "tests/bench/bench.hpp"

#include <memory>
#include <vector>

/// What it costs to move a deadline, as each read and write of ten thousand connections does.
namespace bench {
namespace {

constexpr std::size_t kConnections = 10'000;
constexpr std::uint64_t kMoves = 2'000'000;
constexpr std::uint64_t kBetweenLooks = 1'000;  // moves between two looks at what is due
constexpr auto kWait = std::chrono::seconds{30};

struct Silent final : lb::net::Deadline {
  using Deadline::Deadline;
  void on_deadline() override {}
};

void by_wheel() {
  auto now = common::Clock::now();
  lb::net::DeadlineWheel wheel{now};
  std::vector<std::unique_ptr<Silent>> deadlines;
  for (std::size_t i = 0; i < kConnections; ++i) {
    deadlines.push_back(std::make_unique<Silent>(wheel));
    deadlines.back()->set(now + kWait);
  }
  std::uint64_t moves = 0;
  measure_calls("a deadline moved in the wheel", kMoves, [&] {
    deadlines[moves % kConnections]->set(now + kWait);
    if (++moves % kBetweenLooks == 0) {
      now += lb::net::DeadlineWheel::kTick;
      wheel.advance(now);
    }
  });
}

void by_timers() {
  boost::asio::io_context context{1};
  std::vector<std::unique_ptr<lb::net::Timer>> timers;
  for (std::size_t i = 0; i < kConnections; ++i) {
    timers.push_back(std::make_unique<lb::net::Timer>(context.get_executor(), kWait));
    timers.back()->async_wait([](const boost::system::error_code&) {});
  }
  std::uint64_t moves = 0;
  measure_calls("an Asio timer set anew", kMoves, [&] {
    auto& timer = *timers[moves % kConnections];
    timer.expires_after(kWait);
    timer.async_wait([](const boost::system::error_code&) {});
    if (++moves % kBetweenLooks == 0) context.poll();
  });
  for (const auto& timer : timers) timer->cancel();
  context.poll();
}

}  // namespace

void deadlines() {
  by_wheel();
  by_timers();
}

}  // namespace bench
