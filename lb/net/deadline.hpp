#pragma once

#include "common/time.hpp"
#include "lb/net/intrusive_list.hpp"

#include <array>
#include <cstddef>

namespace lb::net {

class DeadlineWheel;

/// One point in time after which somebody wants to be told. Moving it is a store in the common
/// case: it stays where it is in the wheel until that place comes round, and is then moved on.
class Deadline : public ListHook {
 public:
  explicit Deadline(DeadlineWheel& wheel) : wheel_{&wheel} {}
  virtual ~Deadline() = default;

  void set(common::TimePoint when);
  void clear() { when_ = common::TimePoint::max(); }
  common::TimePoint when() const { return when_; }

 protected:
  /// The time has come; the deadline is cleared already and may be set again.
  virtual void on_deadline() = 0;

 private:
  friend class DeadlineWheel;
  DeadlineWheel* wheel_;
  common::TimePoint when_{common::TimePoint::max()};
  common::TimePoint place_{common::TimePoint::max()};  // when its slot comes round
};

/// All deadlines of one worker, in slots of `kTick`. A deadline fires up to two ticks late, never
/// early.
class DeadlineWheel {
 public:
  static constexpr auto kTick = std::chrono::milliseconds{20};
  static constexpr std::size_t kSlots = 512;
  static constexpr common::Duration kTurn = kTick * 512;  // 10.24 s; later deadlines go round again

  explicit DeadlineWheel(common::TimePoint now) : now_{now} {}

  /// Fires what is due at `now`. Call about every `kTick`.
  void advance(common::TimePoint now);

 private:
  friend class Deadline;
  void place(Deadline& deadline);
  static std::size_t slot_of(common::TimePoint when) {
    return static_cast<std::size_t>(when.time_since_epoch() / kTick) % kSlots;
  }

  common::TimePoint now_;
  std::array<IntrusiveList<Deadline>, kSlots> slots_;
};

}  // namespace lb::net
