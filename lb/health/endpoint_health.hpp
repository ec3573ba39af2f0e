#pragma once

#include "common/hysteresis.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <string_view>

namespace lb::health {

/// What one probe of an endpoint found.
enum class ProbeResult : std::uint8_t {
  Passed,
  Refused,       // no connection
  TimedOut,      // no answer in time
  Broken,        // the connection ended before an answer, or the answer was not HTTP
  WrongStatus,   // an answer, but not one that was asked for
  WrongContent,  // the status was right, a field or the content was not
};
std::string_view to_string(ProbeResult result);

enum class State : std::uint8_t { Unchecked, Up, Down };
std::string_view to_string(State state);

/// Whether an endpoint may be used. Until the first verdict it is Unchecked and may: a fresh start
/// must not answer 503 for endpoints that are fine.
class EndpointHealth {
 public:
  explicit EndpointHealth(common::Hysteresis::Options options);

  /// Takes one result in; true when `usable()` or `state()` changed.
  bool on_probe(ProbeResult result, common::TimePoint now);

  /// Of a new configuration; the verdict stays.
  void set_options(common::Hysteresis::Options options) { hysteresis_.set_options(options); }

  State state() const { return state_; }
  bool usable() const { return state_ != State::Down; }
  /// The verdict may be about to turn; worth asking again soon.
  bool wavering() const { return hysteresis_.wavering(); }
  ProbeResult last_result() const { return last_result_; }
  common::TimePoint changed_at() const { return changed_at_; }

 private:
  common::Hysteresis hysteresis_;
  State state_{State::Unchecked};
  ProbeResult last_result_{ProbeResult::Passed};
  common::TimePoint changed_at_{};
};

}  // namespace lb::health
