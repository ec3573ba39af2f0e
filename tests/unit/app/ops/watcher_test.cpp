#include "app/ops/watcher.hpp"

#include "tests/support/catch.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

using namespace booking;
using namespace std::chrono_literals;

TEST_CASE("A look that fails is not the last one", "[app][ops]") {
  std::atomic<int> looks{0};
  ops::OpsOptions options;
  options.interval = 1ms;
  const ops::Watcher watcher{options, [&looks]() -> std::vector<store::NodeLook> {
                               if (++looks < 3) throw std::runtime_error{"no thread to be had"};
                               return {};
                             }};
  const auto deadline = common::Clock::now() + 1min;
  auto seen = watcher.snapshot();
  while (seen.version == 0 && common::Clock::now() < deadline) {
    std::this_thread::sleep_for(1ms);  // between two looks at another thread
    seen = watcher.snapshot();
  }
  CHECK(seen.version > 0);
  CHECK(looks >= 3);
}
