#pragma once

#include "vrrpd/programs/runner.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace vrrp::notify {

/// A change of state.
struct Transition {
  std::string interface {};
  std::uint8_t vrid{0};
  std::string from{};  // `initialize`, `backup`, `active`
  std::string to{};
  std::string reason{};
  std::uint8_t priority{0};  // effective
  std::string peer{};        // last heard; empty: nobody
  std::string addresses{};   // `192.168.10.100/24 192.168.10.101/24`
};

struct NotifyOptions {
  std::vector<std::string> run;   // absolute path and arguments
  std::vector<std::string> on{};  // states whose beginning is told; empty: all
  std::chrono::milliseconds timeout{10'000};

  bool operator==(const NotifyOptions&) const = default;
};

/// Runs each program once for each transition, in the order of the transitions: the last word a
/// program hears is the state that is. Its environment: MAINSTAY_INTERFACE, _VRID, _FROM, _STATE,
/// _REASON, _PRIORITY, _PEER, _ADDRESSES.
class Notifier {
 public:
  /// Transitions not told yet; of more the oldest are left out.
  static constexpr std::size_t kMostWaiting = 64;

  /// `programs` null: there is nothing to run.
  explicit Notifier(programs::Runner* programs) : programs_{programs} {}
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void set(std::vector<NotifyOptions> options) { options_ = std::move(options); }
  void on_transition(const Transition& transition);

  struct Counters {
    std::uint64_t run{0};
    std::uint64_t failed{0};    // another status than 0, out of time, not started
    std::uint64_t left_out{0};  // because of kMostWaiting
  };
  const Counters& counters() const { return counters_; }
  std::size_t waiting() const { return queue_.size(); }

 private:
  void run_next();
  void on_ended(const std::string& program, const programs::Ended& ended);

  programs::Runner* programs_;
  std::vector<NotifyOptions> options_;
  std::deque<programs::Program> queue_;
  bool running_{false};
  Counters counters_;
};

}  // namespace vrrp::notify
