#include "lb/net/deadline.hpp"

#include "lb/net/buffer.hpp"
#include "tests/support/catch.hpp"

#include <memory>
#include <random>
#include <vector>

using namespace lb::net;
using namespace std::chrono_literals;
using common::TimePoint;

namespace {

struct Recorder : Deadline {
  using Deadline::Deadline;
  void on_deadline() override { ++fired; }
  int fired{0};
};

const TimePoint kStart{1h};

}  // namespace

TEST_CASE("A deadline fires once, not early, at most three ticks late", "[lb][net]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  DeadlineWheel wheel{kStart};
  std::vector<std::unique_ptr<Recorder>> all;
  std::vector<TimePoint> due;
  for (int i = 0; i < 300; ++i) {
    all.push_back(std::make_unique<Recorder>(wheel));
    all.back()->set(kStart + 1h);  // moved to an earlier time
    due.push_back(kStart + std::chrono::milliseconds{random() % 30'000});
    all.back()->set(due.back());
  }
  for (auto now = kStart; now < kStart + 31s; now += std::chrono::milliseconds{1 + random() % 40}) {
    wheel.advance(now);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i]->fired > 0) REQUIRE(due[i] <= now);
      if (due[i] + 40ms + 3 * DeadlineWheel::kTick < now) REQUIRE(all[i]->fired == 1);
    }
  }
}

TEST_CASE("A deadline that keeps being moved on never fires", "[lb][net]") {
  DeadlineWheel wheel{kStart};
  Recorder deadline{wheel};
  for (auto now = kStart; now < kStart + 30s; now += 20ms) {
    deadline.set(now + 100ms);
    wheel.advance(now);
  }
  CHECK(deadline.fired == 0);
  wheel.advance(kStart + 40s);
  CHECK(deadline.fired == 1);
}

TEST_CASE("A deadline set to never fires in time once it is set to one", "[lb][net]") {
  // Where the wheel stands decides into which slot a mistaken place would fall.
  for (auto start = kStart; start < kStart + 11s; start += 170ms) {
    DeadlineWheel wheel{start};
    Recorder deadline{wheel};
    deadline.set(TimePoint::max());
    deadline.set(start + 1s);
    auto now = start;
    for (; now < start + 1s; now += 20ms) wheel.advance(now);
    REQUIRE(deadline.fired == 0);
    for (; now < start + 1s + 3 * DeadlineWheel::kTick; now += 20ms) wheel.advance(now);
    REQUIRE(deadline.fired == 1);
  }
}

TEST_CASE("A cleared or dead deadline does not fire", "[lb][net]") {
  DeadlineWheel wheel{kStart};
  Recorder cleared{wheel};
  cleared.set(kStart + 1s);
  cleared.clear();
  auto dead = std::make_unique<Recorder>(wheel);
  dead->set(kStart + 1s);
  dead.reset();
  wheel.advance(kStart + 2s);
  CHECK(cleared.fired == 0);
}

TEST_CASE("Buffers come from their pool and go back to it", "[lb][net]") {
  BufferPool pool{16};
  {
    auto buffer = pool.take();
    CHECK(pool.lent() == 1);
    buffer.space()[0] = 'a';
    buffer.space()[1] = 'b';
    buffer.commit(2);
    CHECK(buffer.content() == "ab");
    buffer.consume(1);
    buffer.compact();
    CHECK(buffer.content() == "b");
    CHECK(buffer.space().size() == 15);
    auto other = std::move(buffer);
    CHECK(other.content() == "b");
    CHECK_FALSE(buffer);  // NOLINT(bugprone-use-after-move): moved from means empty here
  }
  CHECK(pool.lent() == 0);
}
