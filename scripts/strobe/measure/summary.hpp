#pragma once

#include "scripts/strobe/measure/gap_finder.hpp"
#include "scripts/strobe/measure/handshakes.hpp"
#include "scripts/strobe/measure/histogram.hpp"
#include "scripts/strobe/measure/record.hpp"
#include "scripts/strobe/measure/timeline.hpp"

#include <array>
#include <optional>
#include <string>

namespace strobe::measure {

/// Adds up records. Percentiles are over the requests that were answered rightly; those that were
/// not are counted by class and, if they stand together, appear as the longest gap.
class Summary {
 public:
  /// A request answered rightly but later than `threshold` is bad for the gap, not a failure.
  /// `every`: how long a point of the timeline is; zero: there is none.
  Summary(Schedule schedule, common::Duration threshold, common::Duration every = {});

  void add(const Record& record);
  void add(const Handshake& handshake) { handshakes_.add(handshake); }
  std::uint64_t requests() const { return requests_; }
  std::uint64_t failed() const;
  Gap longest_gap() const { return gaps_.longest(schedule_); }
  /// One JSON object, `start_ms` being the UNIX time of the first scheduled instant; with "tls" if
  /// there were handshakes, and "timeline" if there is one.
  std::string to_json(double start_ms) const;

 private:
  Schedule schedule_;
  common::Duration threshold_;
  std::uint64_t requests_{0};
  std::uint64_t attempts_{0};
  std::array<std::uint64_t, kFailures> by_failure_{};
  Histogram latencies_;
  Handshakes handshakes_;
  std::optional<Timeline> timeline_;
  GapFinder gaps_;
};

}  // namespace strobe::measure
