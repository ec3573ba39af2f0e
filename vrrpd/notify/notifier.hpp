#pragma once

#include "vrrpd/notify/transition.hpp"
#include "vrrpd/notify/webhook.hpp"
#include "vrrpd/programs/runner.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace vrrp::notify {

struct NotifyOptions {
  std::vector<std::string> run{};  // absolute path and arguments; or
  std::optional<WebhookOptions> webhook{};
  std::vector<std::string> on{};  // states whose beginning is told; empty: all
  std::chrono::milliseconds timeout{10'000};

  bool operator==(const NotifyOptions&) const = default;
};

/// Runs each program, and asks each webhook, once for each transition, in the order of the
/// transitions: the last word that is heard is the state that is. Programs do not wait for
/// webhooks. Its environment: MAINSTAY_INTERFACE, _VRID, _FROM, _STATE, _REASON, _PRIORITY, _PEER,
/// _ADDRESSES.
class Notifier {
 public:
  /// Not told yet, of programs and of webhooks; of more the oldest are left out.
  static constexpr std::size_t kMostWaiting = 64;

  /// `programs` null: there is nothing to run.
  explicit Notifier(programs::Runner* programs);
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
  std::size_t waiting() const { return programs_lane_.queue.size() + webhooks_.queue.size(); }

 private:
  struct Due {
    std::string name;  // for the log
    programs::Program program;
  };
  /// What waits for each other.
  struct Lane {
    std::deque<Due> queue;
    bool running{false};
  };
  Due due_of(const NotifyOptions& options, const Transition& transition) const;
  void run_next(Lane& lane);
  void on_ended(Lane& lane, const std::string& name, const programs::Ended& ended);

  programs::Runner* programs_;
  std::string node_;
  std::vector<NotifyOptions> options_;
  Lane programs_lane_;
  Lane webhooks_;
  Counters counters_;
};

}  // namespace vrrp::notify
