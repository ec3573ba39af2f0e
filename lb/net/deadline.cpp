#include "lb/net/deadline.hpp"

#include <algorithm>

namespace lb::net {

void Deadline::set(common::TimePoint when) {
  when_ = when;
  if (when == common::TimePoint::max()) return;  // it needs no place, and none is that far
  if (linked() && place_ <= when) return;
  wheel_->place(*this);
}

void DeadlineWheel::place(Deadline& deadline) {
  deadline.unlink();
  const auto latest = now_ + kTurn - 2 * kTick;
  // One tick late on purpose: the slot of `now_` itself may have been emptied already.
  deadline.place_ = std::clamp(deadline.when_ + kTick, now_ + kTick, latest);
  slots_[slot_of(deadline.place_)].push_back(deadline);
}

void DeadlineWheel::advance(common::TimePoint now) {
  // After a long stall every slot is visited once, not once for every missed turn.
  auto at = std::max(now_, now - kTurn);
  now_ = now;
  IntrusiveList<Deadline> due;
  for (; at <= now; at += kTick) {
    auto& slot = slots_[slot_of(at)];
    slot.for_each([&](Deadline& deadline) {
      if (deadline.place_ > now) return;
      deadline.unlink();
      due.push_back(deadline);
    });
  }
  while (!due.empty()) {
    auto& deadline = due.front();
    deadline.unlink();
    if (deadline.when_ > now) {
      if (deadline.when_ != common::TimePoint::max()) place(deadline);
      continue;
    }
    deadline.clear();
    deadline.on_deadline();
  }
}

}  // namespace lb::net
