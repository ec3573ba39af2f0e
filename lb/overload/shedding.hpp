#pragma once

#include "common/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace lb::overload {

/// What is let go; each does what those before it do, too.
enum class Level : std::uint8_t {
  Calm,
  Ease,    // connections that idle are closed, answers end theirs
  Pause,   // no connection is accepted: clients wait in the kernel's backlog
  Refuse,  // requests are answered 503 at once
};

/// How much there is of what can run out, at one moment. A limit of 0 is none.
struct Load {
  std::uint64_t memory{0};  // octets
  std::uint64_t memory_limit{0};
  std::uint64_t connections{0};  // of clients
  std::uint64_t connections_limit{0};
  std::uint64_t descriptors{0};  // as `needed_descriptors` has it
  std::uint64_t descriptors_limit{0};
  common::Duration lag{};  // the event loop's, as `StandingLag` has it
  common::Duration lag_limit{};
};

/// The level that `load` by itself asks for. Memory: Ease from 80 % of the limit, Pause from 90 %,
/// Refuse from 95 %. Connections and descriptors: Ease from 90 %; at the limit itself the listener
/// stops anyway.
/// Lag: Pause from half the limit, Refuse at it; closing what idles would not help.
Level level_of(const Load& load);

/// Descriptors that so many clients and connections to endpoints take or may take at any moment: of
/// the clients some will want one towards an endpoint, too, up to a tenth of all there are, or 64.
std::uint64_t needed_descriptors(std::uint64_t clients, std::uint64_t upstream,
                                 std::uint64_t limit);

/// The level that holds: up at once, down only when a lower one was enough for `kCalmAfter`.
class Shedding {
 public:
  static constexpr auto kCalmAfter = std::chrono::milliseconds{500};

  Level on_load(const Load& load, common::TimePoint now);
  Level level() const { return level_; }

 private:
  Level level_{Level::Calm};
  Level highest_below_{Level::Calm};              // since `lower_since_`
  std::optional<common::TimePoint> lower_since_;  // a lower level would do from then on
};

/// How late an event loop is all the time: the least lag of the last one to two seconds. A single
/// late moment (the process was stopped, a page came from disk) is no overload; a lag that never
/// goes away is.
class StandingLag {
 public:
  static constexpr auto kWindow = std::chrono::seconds{1};

  common::Duration on_tick(common::Duration lag, common::TimePoint now);

 private:
  common::TimePoint began_{};
  common::Duration current_{};
  common::Duration previous_{};
};

}  // namespace lb::overload
