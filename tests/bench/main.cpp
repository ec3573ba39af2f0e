#include "tests/bench/bench.hpp"

/// The experiments of docs/performance.md that concern one mechanism alone.
int main() {
  bench::deadlines();
  bench::handlers();
  bench::heads();
  bench::wakeups();
}
