#pragma once

#include <cstdint>
#include <cstdio>
#include <ctime>

namespace bench {

/// What this thread has cost so far.
inline std::uint64_t thread_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

inline void report(const char* name, double value, const char* unit) {
  std::printf("%-44s %10.1f %s\n", name, value, unit);
  std::fflush(stdout);
}

/// The CPU time of one call of `work`, over `count` of them.
template <class Work>
void measure_calls(const char* name, std::uint64_t count, Work work) {
  for (std::uint64_t i = 0; i < count / 10; ++i) work();
  const auto before = thread_cpu_ns();
  for (std::uint64_t i = 0; i < count; ++i) work();
  report(name, static_cast<double>(thread_cpu_ns() - before) / static_cast<double>(count), "ns");
}

void deadlines();
void handlers();
void heads();
void wakeups();

}  // namespace bench
