#pragma once

#include "vrrpd/link/bell.hpp"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <vector>

namespace vrrp::daemon {

/// Which advertisements of a LAN need not be heard at once: what the Active Router of a Virtual
/// Router has said several times in a row.
class Usual {
 public:
  static constexpr int kTimes = 10;
  using Starts = boost::container::static_vector<link::MessageStart, link::Bell::kMostUsual>;

  /// It was heard, and tells its router to go on waiting. True when `starts` are others now.
  bool note(Vrid vrid, const link::MessageStart& start) {
    const auto known = find(vrid);
    if (known == habits_.end()) {
      if (habits_.size() < link::Bell::kMostUsual) habits_.push_back({vrid, start, 1});
      return false;
    }
    if (known->start != start) {
      const bool was_usual = known->times >= kTimes;
      *known = {vrid, start, 1};
      return was_usual;
    }
    if (known->times >= kTimes) return false;
    return ++known->times == kTimes;
  }
  /// From now on everything about that router is to be heard at once. True as above.
  bool forget(Vrid vrid) {
    const auto known = find(vrid);
    if (known == habits_.end()) return false;
    const bool was_usual = known->times >= kTimes;
    habits_.erase(known);
    return was_usual;
  }
  void clear() { habits_.clear(); }

  bool has(const link::MessageStart& start) const {
    return std::ranges::any_of(
        habits_, [&](const Habit& habit) { return habit.times >= kTimes && habit.start == start; });
  }
  Starts starts() const {
    Starts all;
    for (const auto& habit : habits_)
      if (habit.times >= kTimes) all.push_back(habit.start);
    return all;
  }

 private:
  struct Habit {
    Vrid vrid;
    link::MessageStart start;
    int times;
  };
  std::vector<Habit>::iterator find(Vrid vrid) {
    return std::ranges::find(habits_, vrid, &Habit::vrid);
  }

  std::vector<Habit> habits_;  // at most Bell::kMostUsual
};

}  // namespace vrrp::daemon
