#include "app/store/work_pool.hpp"

#include "tests/support/catch.hpp"

#include <future>

using namespace booking::store;
using namespace std::chrono_literals;

namespace {

/// Tells how it ended; runs until it is let go.
class Probe final : public Job {
 public:
  Probe(std::chrono::milliseconds deadline, std::shared_future<void> gate)
      : Job{common::Clock::now() + deadline}, gate_{std::move(gate)} {}

  std::future<std::optional<Errc>> ending() { return ending_.get_future(); }
  std::future<void> started() { return started_.get_future(); }
  void run(Lane&) override {
    started_.set_value();
    gate_.wait();
    ending_.set_value(std::nullopt);
  }
  void refuse(Errc why) override { ending_.set_value(why); }

 private:
  std::shared_future<void> gate_;
  std::promise<void> started_;
  std::promise<std::optional<Errc>> ending_;
};

/// No job here asks for one.
class NoSessions final : public Source {
 public:
  std::unique_ptr<Session> open() override { throw NoNode{Errc::Unavailable, "none"}; }
  std::uint64_t generation() const override { return 0; }
  void doubt(const SqlError&) override {}
};

struct Pool {
  NoSessions source;
  std::promise<void> gate;
  std::shared_future<void> opened{gate.get_future()};
  std::unique_ptr<WorkPool> pool{std::make_unique<WorkPool>(source, 1, 2)};

  std::future<std::optional<Errc>> submit(std::chrono::milliseconds deadline) {
    auto job = std::make_unique<Probe>(deadline, opened);
    auto ending = job->ending();
    pool->submit(std::move(job));
    return ending;
  }
  /// Occupies the only thread until the gate opens.
  std::future<std::optional<Errc>> occupy() {
    auto job = std::make_unique<Probe>(1min, opened);
    auto ending = job->ending();
    auto started = job->started();
    pool->submit(std::move(job));
    started.wait();
    return ending;
  }
};

}  // namespace

TEST_CASE("A full queue refuses at once, what waits is run later", "[app][store]") {
  Pool rig;
  auto running = rig.occupy();
  auto first = rig.submit(1min);
  auto second = rig.submit(1min);
  CHECK(rig.submit(1min).get() == Errc::Overloaded);
  CHECK(rig.pool->queue_length() == 2);
  rig.gate.set_value();
  CHECK(running.get() == std::nullopt);
  CHECK(first.get() == std::nullopt);
  CHECK(second.get() == std::nullopt);
  CHECK(rig.pool->operations() == 4);
  CHECK(rig.pool->overloaded() == 1);
}

TEST_CASE("What waits past its deadline is refused while the threads are busy", "[app][store]") {
  Pool rig;
  auto running = rig.occupy();
  auto late = rig.submit(20ms);
  CHECK(late.get() == Errc::Overloaded);
  rig.gate.set_value();
  CHECK(running.get() == std::nullopt);
}

TEST_CASE("Closing refuses what waits and lets what runs end", "[app][store]") {
  Pool rig;
  auto running = rig.occupy();
  auto waiting = rig.submit(1min);
  auto closed = std::async(std::launch::async, [&rig] { rig.pool.reset(); });
  CHECK(waiting.get() == Errc::Unavailable);
  rig.gate.set_value();
  CHECK(running.get() == std::nullopt);
  closed.get();
}
