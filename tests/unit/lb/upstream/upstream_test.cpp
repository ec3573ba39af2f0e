#include "lb/upstream/upstream.hpp"

#include "tests/support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <deque>

using namespace lb;
using namespace lb::upstream;
using namespace std::chrono_literals;
using balancing::EndpointSet;

namespace {

EndpointState endpoint(const std::string& name, std::uint32_t most_connections = 0) {
  return {.name = name,
          .address = {net::asio::ip::make_address("127.0.0.1"), 1},
          .most_connections = most_connections,
          .shared = std::make_shared<EndpointShared>(2)};
}

/// Two workers in one event loop, with one queue.
struct Process {
  explicit Process(UpstreamOptions options = {}) {
    options.name = "app";
    for (std::size_t worker = 0; worker < 2; ++worker)
      workers.emplace_back(std::make_unique<Upstream>(options, worker, queue));
  }
  ~Process() { context.run(); }

  void apply(const RosterView& view) {
    for (const auto& worker : workers) worker->apply(std::make_shared<RosterView>(view));
  }
  Acquired acquire(std::size_t worker = 0, EndpointSet tried = {}, Selector selector = {}) {
    return workers[worker]->try_acquire(selector, tried, common::Clock::now());
  }
  void run() {
    context.restart();
    context.poll();
  }

  /// A request that stands in line.
  struct Waiting {
    Selector selector;
    PlaceWait wait;
    std::optional<Acquired> got;
  };
  Waiting& wait_in_line(std::size_t worker, std::uint8_t priority = 0) {
    auto& waiting = line.emplace_back();
    waiting.selector.priority = priority;
    const auto task = [](Upstream& upstream, net::Executor executor,
                         Waiting& mine) -> net::Awaitable<> {
      mine.got = co_await upstream.wait_for_place(executor, mine.selector, {}, mine.wait);
    };
    net::asio::co_spawn(context.get_executor(),
                        task(*workers[worker], context.get_executor(), waiting),
                        net::asio::detached);
    run();
    return waiting;
  }

  net::asio::io_context context;
  std::shared_ptr<PlaceQueue> queue{std::make_shared<PlaceQueue>()};
  std::vector<std::unique_ptr<Upstream>> workers;
  std::deque<Waiting> line;
};

}  // namespace

TEST_CASE("An upstream without endpoints has none to give", "[lb][upstream]") {
  Process process;
  CHECK_FALSE(process.workers[0]->has_usable());
  CHECK_FALSE(process.acquire().lease);
}

TEST_CASE("A lease counts for the whole process as long as it is held", "[lb][upstream]") {
  Process process;
  const auto a = endpoint("a");
  process.apply({a});
  auto one = process.acquire(0);
  auto other = process.acquire(1);
  CHECK(a.shared->in_flight == 2);
  other.lease = {};
  CHECK(a.shared->in_flight == 1);
  auto moved = std::move(one.lease);
  CHECK(a.shared->in_flight == 1);
  moved = {};
  CHECK(a.shared->in_flight == 0);
}

TEST_CASE("Nobody gets more exchanges than his endpoint takes, on whatever worker",
          "[lb][upstream]") {
  Process process;
  process.apply({endpoint("a", 1), endpoint("b", 1)});
  const auto one = process.acquire(0);
  const auto other = process.acquire(1);
  REQUIRE(one.lease);
  REQUIRE(other.lease);
  CHECK(one.lease->name != other.lease->name);
  CHECK(process.acquire(0).why == Unavailable::Busy);
}

TEST_CASE("Places go to those who wait, in the order they came, on whatever worker",
          "[lb][upstream]") {
  Process process;
  process.apply({endpoint("a", 1)});
  auto holder = process.acquire(0);
  auto& first = process.wait_in_line(1);
  auto& second = process.wait_in_line(0);
  auto& third = process.wait_in_line(1);
  CHECK(process.queue->waiting() == 3);
  holder.lease = {};
  CHECK_FALSE(process.acquire(0).lease);  // nobody overtakes
  process.run();
  REQUIRE(first.got);
  CHECK(first.got->lease);
  CHECK_FALSE(second.got);
  first.got.reset();
  process.run();
  REQUIRE(second.got);
  CHECK(second.got->lease);
  CHECK_FALSE(third.got);
  second.got.reset();
  process.run();
  REQUIRE(third.got);
  CHECK(third.got->lease);
  third.got.reset();
  CHECK(process.acquire().lease);
}

TEST_CASE("A full line refuses, a wait too long ends", "[lb][upstream]") {
  UpstreamOptions options;
  options.queue = {.length = 1, .timeout = 10ms};
  Process process{options};
  process.apply({endpoint("a", 1)});
  const auto holder = process.acquire();
  auto& waiting = process.wait_in_line(0);
  auto& refused = process.wait_in_line(1);
  REQUIRE(refused.got);
  CHECK(refused.got->why == Unavailable::QueueFull);
  process.context.restart();
  process.context.run();
  REQUIRE(waiting.got);
  CHECK(waiting.got->why == Unavailable::QueueTimeout);
  CHECK(process.queue->waiting() == 0);
}

TEST_CASE("The highest priority goes first, and of one priority who came first", "[lb][upstream]") {
  Process process;
  process.apply({endpoint("a", 1)});
  auto holder = process.acquire();
  const std::vector<std::uint8_t> came{0, 5, 0, 9, 5, 100};
  const std::vector<std::size_t> served{5, 3, 1, 4, 0, 2};
  std::vector<Process::Waiting*> line;
  for (std::size_t i = 0; i < came.size(); ++i)
    line.push_back(&process.wait_in_line(i % 2, came[i]));
  holder.lease = {};
  for (const auto next : served) {
    process.run();
    for (std::size_t i = 0; i < line.size(); ++i) {
      CAPTURE(i, next);
      CHECK((line[i]->got && line[i]->got->lease) == (i == next));
    }
    line[next]->got.reset();  // its place goes on
  }
}

TEST_CASE("In a full line the last of less priority makes room", "[lb][upstream]") {
  UpstreamOptions options;
  options.queue.length = 2;
  Process process{options};
  process.apply({endpoint("a", 1)});
  auto holder = process.acquire();
  auto& first = process.wait_in_line(0, 1);
  auto& last = process.wait_in_line(1, 1);
  auto& equal = process.wait_in_line(0, 1);
  REQUIRE(equal.got);
  CHECK(equal.got->why == Unavailable::QueueFull);
  CHECK_FALSE(last.got);
  auto& urgent = process.wait_in_line(0, 2);
  REQUIRE(last.got);
  CHECK(last.got->why == Unavailable::QueueFull);
  CHECK_FALSE(urgent.got);
  CHECK(process.queue->waiting() == 2);
  holder.lease = {};
  process.run();
  REQUIRE(urgent.got);
  CHECK(urgent.got->lease);
  CHECK_FALSE(first.got);
  urgent.got.reset();
  process.run();
  REQUIRE(first.got);
  CHECK(first.got->lease);
}

TEST_CASE("Who gives up waiting leaves his place to the next", "[lb][upstream]") {
  Process process;
  const auto a = endpoint("a", 1);
  process.apply({a});
  auto holder = process.acquire();
  auto& first = process.wait_in_line(0);
  auto& second = process.wait_in_line(0);
  first.wait.cancel();
  holder.lease = {};
  process.run();
  REQUIRE(first.got);
  REQUIRE(second.got);
  CHECK(first.got->why == Unavailable::Cancelled);
  CHECK(second.got->lease);
}

TEST_CASE("Who waits learns that endpoints have come, or that all have gone", "[lb][upstream]") {
  Process process;
  const auto a = endpoint("a", 1);
  process.apply({a});
  const auto holder = process.acquire();
  auto& waiting = process.wait_in_line(0);
  process.apply({a, endpoint("b", 1)});
  process.run();
  REQUIRE(waiting.got);
  CHECK(waiting.got->lease->name == "b");
  auto& hopeless = process.wait_in_line(0);
  process.apply({});
  process.run();
  REQUIRE(hopeless.got);
  CHECK(hopeless.got->why == Unavailable::NoEndpoint);
}

TEST_CASE("A raised limit lets in who waits", "[lb][upstream]") {
  Process process;
  auto a = endpoint("a", 1);
  process.apply({a});
  const auto holder = process.acquire();
  auto& waiting = process.wait_in_line(1);
  a.most_connections = 2;
  process.apply({a});
  process.run();
  REQUIRE(waiting.got);
  CHECK(waiting.got->lease);
}

TEST_CASE("A lowered limit holds as places are given back", "[lb][upstream]") {
  Process process;
  auto a = endpoint("a", 2);
  process.apply({a});
  auto one = process.acquire();
  auto other = process.acquire();
  a.most_connections = 1;
  process.apply({a});
  auto& waiting = process.wait_in_line(0);
  one.lease = {};
  process.run();
  CHECK_FALSE(waiting.got);
  CHECK(a.shared->in_flight == 1);
  other.lease = {};
  process.run();
  CHECK(waiting.got);
}

TEST_CASE("An endpoint that leaves is there for what runs on it, and no longer", "[lb][upstream]") {
  Process process;
  const auto a = endpoint("a");
  const std::weak_ptr<EndpointShared> shared = a.shared;
  process.apply({a});
  auto held = process.acquire();
  process.apply({endpoint("b")});
  CHECK(held.lease->name == "a");
  CHECK(held.lease->gone);
  CHECK(process.acquire().lease->name == "b");
  CHECK(a.shared->in_flight == 1);
  held.lease = {};
  CHECK(a.shared->in_flight == 0);
  CHECK(shared.use_count() == 1);  // only this test's own
}

TEST_CASE("A slot is used again only after all others", "[lb][upstream]") {
  Process process;
  std::size_t last = EndpointSet::kMost;
  for (std::size_t i = 0; i < 200; ++i) {
    process.apply({endpoint("e" + std::to_string(i))});
    const auto acquired = process.acquire();
    REQUIRE(acquired.lease);
    CHECK(acquired.lease->name == "e" + std::to_string(i));
    CHECK(acquired.lease->index != last);
    last = acquired.lease->index;
  }
}

TEST_CASE("More endpoints than there are slots are cut, not lost", "[lb][upstream]") {
  Process process;
  RosterView many;
  for (int i = 0; i < 70; ++i) many.push_back(endpoint(std::to_string(i)));
  process.apply(many);
  process.apply({many.begin() + 10, many.end()});
  EndpointSet tried;
  for (std::size_t i = 0; i < 60; ++i) {
    const auto acquired = process.acquire(0, tried);
    REQUIRE(acquired.lease);
    tried.add(acquired.lease->index);
  }
  CHECK_FALSE(process.acquire(0, tried).lease);
}

TEST_CASE("Another address under a name is another endpoint", "[lb][upstream]") {
  Process process;
  auto a = endpoint("a");
  process.apply({a});
  const auto held = process.acquire();
  a.address.port(2);
  process.apply({a});
  CHECK(held.lease->gone);
  CHECK(process.acquire().lease->address.port() == 2);
}

TEST_CASE("Who sticks to an endpoint gets it while it drains, and waits for a place there",
          "[lb][upstream]") {
  UpstreamOptions options;
  options.sticky.enabled = true;
  Process process{options};
  auto a = endpoint("a", 1);
  a.draining = true;
  process.apply({a, endpoint("b")});
  const auto& upstream = *process.workers[0];
  const Selector sticky{.sticky = upstream.sticky()->id_of("a")};
  for (int i = 0; i < 3; ++i) CHECK(process.acquire().lease->name == "b");
  const auto held = process.acquire(0, {}, sticky);
  CHECK(held.lease->name == "a");
  CHECK(process.acquire(0, {}, sticky).why == Unavailable::Busy);
  a.usable = false;
  process.apply({a, endpoint("b")});
  CHECK(process.acquire(0, {}, sticky).lease->name == "b");
}

TEST_CASE("Failures in a row are told of, whichever worker saw them", "[lb][upstream]") {
  UpstreamOptions options;
  options.passive.consecutive_failures = 3;
  Process process{options};
  process.apply({endpoint("a")});
  std::vector<std::string> told;
  for (const auto& worker : process.workers)
    worker->set_on_passive(
        [&](std::string_view name, health::PassiveEvent) { told.emplace_back(name); });
  const auto report = [&](std::size_t worker, health::Verdict verdict) {
    auto acquired = process.acquire(worker);
    process.workers[worker]->report(*acquired.lease, verdict, 1ms, common::Clock::now());
  };
  using health::Verdict;
  report(0, Verdict::Bad);
  report(1, Verdict::Bad);
  report(0, Verdict::Nothing);
  report(1, Verdict::Good);
  report(0, Verdict::Bad);
  report(1, Verdict::Bad);
  CHECK(told.empty());
  report(0, Verdict::Bad);
  CHECK(told == std::vector<std::string>{"a"});
}

TEST_CASE("A new configuration keeps what runs and who waits", "[lb][upstream]") {
  Process process;
  process.apply({endpoint("a", 1)});
  auto held = process.acquire();
  auto& waiting = process.wait_in_line(0);
  UpstreamOptions options;
  options.name = "app";
  options.balance.policy = balancing::Policy::LeastRequests;
  for (const auto& worker : process.workers) worker->configure(options);
  held.lease = {};
  process.run();
  REQUIRE(waiting.got);
  CHECK(waiting.got->lease);
}
