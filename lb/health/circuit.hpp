#pragma once

#include "common/time.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace lb::health {

/// When an endpoint is left alone because much of what it is asked fails.
struct CircuitOptions {
  bool enabled{false};
  std::chrono::milliseconds window{10'000};  // over which is counted
  std::uint32_t least_requests{20};          // in it, for a share to mean something
  unsigned failed_percent{50};               // opens the circuit
  std::chrono::milliseconds open{5'000};     // the first time; doubles each time trials fail
  std::chrono::milliseconds most_open{60'000};
  std::uint32_t trials{
      3};  // requests at a time, half open; and as many good ones in a row close it
};

/// A circuit breaker for one endpoint. Closed: all is as ever. Open: nothing is asked. Half open:
/// `trials()` requests at a time may try; good answers close it, one failure opens it for longer.
class Circuit {
 public:
  enum class State : std::uint8_t { Closed, Open, HalfOpen };

  explicit Circuit(const CircuitOptions& options) : options_{options} {}
  void configure(const CircuitOptions& options);

  /// What the endpoint has done since the last call; call it about every second. True when the
  /// state changed.
  bool on_served(std::uint64_t good, std::uint64_t bad, common::TimePoint now);
  /// Opens again for trials when its time is over. True when the state changed.
  bool on_time(common::TimePoint now);
  /// `max()` when only requests can change the state.
  common::TimePoint next_deadline() const {
    return state_ == State::Open ? until_ : common::TimePoint::max();
  }

  State state() const { return state_; }
  bool usable() const { return state_ != State::Open; }
  /// How many requests may run there at a time; 0: no limit of the circuit's.
  std::uint32_t trials() const { return state_ == State::HalfOpen ? options_.trials : 0; }
  common::TimePoint since() const { return since_; }
  common::TimePoint until() const { return until_; }

 private:
  bool turn(State state, common::TimePoint now);
  bool open(common::TimePoint now);

  CircuitOptions options_;
  State state_{State::Closed};
  common::TimePoint since_{};
  common::TimePoint until_{};
  common::TimePoint window_began_{};
  std::uint64_t good_{0};  // in this window, or of the trials
  std::uint64_t bad_{0};
  std::uint64_t last_good_{0};  // in the window before
  std::uint64_t last_bad_{0};
  std::uint32_t times_{0};  // opened in a row
};
std::string_view to_string(Circuit::State state);

}  // namespace lb::health
