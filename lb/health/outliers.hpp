#pragma once

#include "common/time.hpp"
#include "lb/health/passive.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lb::health {

/// When an endpoint is taken out by how it serves real requests.
struct PassiveOptions {
  std::uint32_t consecutive_failures{5};       // in a row, of all workers; 0: never for that
  std::chrono::milliseconds interval{10'000};  // between two looks at success rates
  std::uint32_t least_requests{100};           // in an interval, for a rate to mean something
  std::uint32_t least_endpoints{3};            // with so many requests, to compare; 0: no rates
  unsigned deviations_tenths{19};              // below the mean, in tenths of a standard deviation
  std::chrono::milliseconds ejection{10'000};  // the first; the nth lasts n times as long
  std::chrono::milliseconds most_ejection{300'000};
  unsigned most_ejected_percent{50};  // of the endpoints of an upstream; never the last
};

enum class Ejection : std::uint8_t { None, ConsecutiveFailures, SuccessRate };
std::string_view to_string(Ejection reason);

/// What one endpoint did since the last look.
struct Served {
  std::string_view endpoint;
  std::uint64_t good{0};
  std::uint64_t bad{0};  // 5xx, or no answer
};

/// Takes those endpoints of one upstream out that serve worse than the others, each time for
/// longer, and never too many. Endpoints are known by their names.
class Outliers {
 public:
  explicit Outliers(const PassiveOptions& options) : options_{options} {}
  void configure(const PassiveOptions& options) { options_ = options; }

  /// Who is there and could be used. Others are forgotten.
  void retain(std::span<const std::string_view> endpoints);

  /// It has failed `consecutive_failures` times in a row. True when it is out by that.
  bool on_consecutive_failures(std::string_view endpoint, common::TimePoint now);
  /// Every `interval`: what each did in it. True when somebody is out by that. Who had a good
  /// interval is forgiven one of his ejections.
  bool on_interval(std::span<const Served> served, common::TimePoint now);
  /// True when somebody's time is over by `now`.
  bool on_time(common::TimePoint now);
  /// When `on_time` has something to do; `max()` when nobody is out.
  common::TimePoint next_deadline() const;

  struct Record {
    Ejection reason{Ejection::None};
    common::TimePoint since{};
    common::TimePoint until{};
    std::uint32_t times{0};
  };
  /// Null when it has never been out.
  const Record* find(std::string_view endpoint) const;
  bool is_ejected(std::string_view endpoint) const;

 private:
  bool eject(std::string_view endpoint, Ejection reason, common::TimePoint now);
  std::size_t ejected() const;

  PassiveOptions options_;
  std::map<std::string, Record, std::less<>> records_;  // of all who are there
};

}  // namespace lb::health
