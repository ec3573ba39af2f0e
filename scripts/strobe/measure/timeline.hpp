#pragma once

#include "scripts/strobe/measure/histogram.hpp"
#include "scripts/strobe/measure/record.hpp"
#include "scripts/strobe/measure/schedule.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace strobe::measure {

/// What became of the requests that were due in each stretch of the run. By when they were due, so
/// that a stall shows where it began and not where it ended.
class Timeline {
 public:
  /// Each takes 16 KiB.
  static constexpr std::uint64_t kMostPoints = 3600;

  /// `every` > 0; a run has at most kMostPoints of them.
  Timeline(Schedule schedule, common::Duration every);

  void add(const Record& record);
  /// {"begin":…,"every_ms":…,"points":[{"ms":…,"requests":…,"failed":…,"p50":…,"p99":…},…]}, `ms`
  /// since `start_ms`, the UNIX time of the first scheduled instant.
  std::string to_json(double start_ms) const;

 private:
  struct Point {
    std::uint64_t failed{0};
    Histogram answered;
  };

  Schedule schedule_;
  common::Duration every_;
  std::vector<Point> points_;
};

}  // namespace strobe::measure
