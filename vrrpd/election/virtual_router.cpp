#include "vrrpd/election/virtual_router.hpp"

#include "vrrpd/election/timers.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::election {

using common::TimePoint;

namespace {

/// A rival's advertisement is answered at once (§6.4.3), but a flood of them not more often than
/// this many times an interval.
constexpr int kAssertionsPerInterval = 10;

}  // namespace

Actions VirtualRouter::start(TimePoint now, TimePoint not_before) {
  not_before_ = not_before;
  if (priority_ == kOwner && !delayed(now)) return become_active(now);
  listen_first(now);
  return {};
}

Actions VirtualRouter::adopt(bool unchallenged, TimePoint now) {
  if (unchallenged && fit()) return become_active(now);
  become_backup(parameters_.advertisement_interval, now);
  adopting_ = true;
  if (!fit()) return release_adopted();
  timer_ = now + common::Duration{active_adver_interval_} * 3 / 2;
  return {};
}

Actions VirtualRouter::release_adopted() {
  if (!std::exchange(adopting_, false)) return {};
  return {ReleaseAddresses{}};
}

Actions VirtualRouter::stop(TimePoint now) {
  const bool was_active = state_ == State::Active;
  state_ = State::Initialize;
  timer_ = rest_until_ = TimePoint::max();
  announcements_.cancel();
  if (!was_active) return release_adopted();
  return resign(now);
}

Actions VirtualRouter::give_away(TimePoint now) {
  if (state_ != State::Active || priority_ == kOwner) return {};
  become_backup(parameters_.advertisement_interval, now);
  gave_away_ = true;
  return resign(now);
}

void VirtualRouter::await_successor() {
  awaiting_successor_ = true;
  timer_ = TimePoint::max();
  announcements_.cancel();
}

void VirtualRouter::withdraw(TimePoint now) {
  become_backup(parameters_.advertisement_interval, now);
  gave_away_ = true;
}

Actions VirtualRouter::resume(TimePoint now) {
  if (!std::exchange(awaiting_successor_, false) || state_ != State::Active) return {};
  timer_ = now;
  announcements_.restart(now);
  return on_deadline(now);
}

Actions VirtualRouter::take_over(TimePoint now) {
  auto actions = become_active(now);
  unmoved_until_ = now + parameters_.advertisement_interval;
  return actions;
}

Actions VirtualRouter::speak() {
  if (state_ != State::Active) return {};
  return {SendAdvertisement{priority_}};
}

Actions VirtualRouter::abort() {
  if (!holding()) return {};
  end_hold();
  return {ReleaseAddresses{}};
}

Actions VirtualRouter::on_advertisement(const Heard& heard, TimePoint now) {
  const bool resigns = heard.priority == kResigning;
  if (holding() && !resigns) {
    hold_until_ = std::min(hold_until_, now + kSuccessorGrace);
    next_resignation_ = TimePoint::max();
  }
  switch (state_) {
    case State::Initialize:
      return {};
    case State::Backup:
      if (resigns) {
        // §6.4.2: wait Skew_Time only, so that the best Backup answers first. Never later than what
        // was due: repeated resignations, forged ones too, must not keep everybody waiting.
        if (active_resigned_) return {};
        const auto due = timer_;
        word_until_ = TimePoint::min();
        silent_since_ = now;
        active_resigned_ = true;
        arm_active_down_timer();
        timer_ = std::min(timer_, due);
        return {};
      }
      if (adopting_) {
        become_backup(
            learned_interval(heard.max_advertise_interval, parameters_.advertisement_interval),
            now);
        return release_adopted();
      }
      if (const bool obeys = !parameters_.preempt_mode || gave_away_ || heard.priority >= priority_;
          obeys || now < preempts_from_) {
        become_backup(
            learned_interval(heard.max_advertise_interval, parameters_.advertisement_interval),
            now);
        obeys_ = obeys;
        return {};
      }
      obeys_ = false;
      lesser_heard_ = now;
      if (asked()) timer_ = patience_ends(now);
      return {};
    case State::Active: {
      const bool loses = loses_to(heard, now);
      if (awaiting_successor_ && !loses) return {};
      if (resigns || !loses) return assert_against_rival(resigns, now);
      return yield(
          learned_interval(heard.max_advertise_interval, parameters_.advertisement_interval), now);
    }
  }
  return {};
}

Actions VirtualRouter::on_word(const Heard& heard, TimePoint now) {
  const bool loses = heard.priority != kResigning && loses_to(heard, now);
  if (state_ == State::Active) {
    if (awaiting_successor_ || heard.priority == kResigning) return {};
    // The lesser one yields by our word; the neighbours have heard it last.
    if (!loses) return assert_against_rival(false, now);
    auto actions = yield(parameters_.advertisement_interval, now);
    word_until_ = now + kWordLimit;
    arm_active_down_timer();
    return actions;
  }
  if (state_ != State::Backup || !backup_by_word() || !loses) return {};
  silent_since_ = now;
  word_until_ = now + kWordLimit;
  arm_active_down_timer();
  return {};
}

bool VirtualRouter::loses_to(const Heard& heard, TimePoint now) const {
  const bool better =
      heard.priority > priority_ || (heard.priority == priority_ && heard.from_greater_address);
  return better && now >= unmoved_until_;
}

Actions VirtualRouter::yield(Centiseconds active_adver_interval, TimePoint now) {
  become_backup(active_adver_interval, now);
  // A last word beyond the RFC: the winner may not know that it had a rival (a partition has just
  // healed, and we heard it first). Our advertisement makes it assert itself and announce again, to
  // neighbours that still send to us.
  return {ReleaseAddresses{}, SendAdvertisement{priority_}};
}

Actions VirtualRouter::on_deadline(TimePoint now) {
  if (holding()) {
    auto actions = on_hold_deadline(now);
    if (!actions.empty()) return actions;
  }
  if (now >= rest_until_) {
    rest_until_ = TimePoint::max();
    listen_first(now);
  }
  if (state_ == State::Backup) {
    if (now < timer_) return {};
    // Called late by a whole interval, we were not running and may have missed what was said:
    // listen for one more, and half of one for the packet's way. A paused virtual machine's first
    // deed must not be a takeover.
    if (now - timer_ > active_adver_interval_ && !stall_forgiven_) {
      stall_forgiven_ = true;
      timer_ = now + common::Duration{active_adver_interval_} * 3 / 2;
      return {};
    }
    if (asks_ && !asked() && lesser_heard_ + 2 * common::Duration{active_adver_interval_} > now) {
      asked_until_ = now + kPatience;
      timer_ = patience_ends(lesser_heard_);
      return {RequestHandover{}};
    }
    return become_active(now);
  }
  if (state_ != State::Active) return {};
  if (!claimed_) return now < timer_ ? Actions{} : claim(now);

  Actions actions;
  if (announcements_.take_due(now)) actions.push_back(Announce{});
  if (now >= timer_) {
    actions.push_back(SendAdvertisement{priority_});
    refusals_ = 0;
    // Absolute, so that lateness does not add up; afresh when a whole interval was missed.
    timer_ += parameters_.advertisement_interval;
    if (timer_ <= now) timer_ = now + parameters_.advertisement_interval;
  }
  return actions;
}

Actions VirtualRouter::on_rival_claim(TimePoint now) {
  // A successor that we await announces itself.
  if (state_ == State::Active && claimed_ && !awaiting_successor_) announcements_.answer(now);
  return {};
}

Actions VirtualRouter::on_addresses_refused(TimePoint now) {
  if (state_ != State::Active) return {};
  if (++refusals_ < kMostClaims) {
    claimed_ = false;
    announcements_.cancel();
    timer_ = now + kClaimDistance;
    return {};
  }
  rest_until_ = now + kClaimRest;
  become_backup(parameters_.advertisement_interval, now);
  return {SendAdvertisement{kResigning}, ReleaseAddresses{}};
}

Actions VirtualRouter::on_priority(Priority priority, TimePoint now) {
  const auto before = std::exchange(priority_, priority);
  obeys_ = false;                  // until it is heard again
  if (!fit()) gave_away_ = false;  // fit again, it competes like any other
  if (before == priority || state_ == State::Initialize) return {};

  if (state_ == State::Active) {
    if (fit()) return claimed_ ? Actions{SendAdvertisement{priority}} : Actions{};
    become_backup(parameters_.advertisement_interval, now);
    return resign(now);
  }
  if (priority == kOwner && fit() && !delayed(now)) return become_active(now);
  if (!fit() && adopting_) {
    arm_active_down_timer();
    return release_adopted();
  }
  if (before == kResigning)
    listen_first(now);
  else
    arm_active_down_timer();
  return {};
}

Actions VirtualRouter::on_parameters(const Parameters& parameters, TimePoint now) {
  parameters_ = parameters;
  obeys_ = false;
  announcements_.use(parameters.announcements);
  if (state_ == State::Active) {
    timer_ = now + parameters_.advertisement_interval;
    return {SendAdvertisement{priority_}};
  }
  if (state_ == State::Backup) {
    active_adver_interval_ =
        learned_interval(active_adver_interval_, parameters_.advertisement_interval);
    arm_active_down_timer();
  }
  return {};
}

Actions VirtualRouter::become_active(TimePoint now) {
  state_ = State::Active;
  gave_away_ = adopting_ = awaiting_successor_ = false;
  word_until_ = TimePoint::min();
  asked_until_ = TimePoint::max();
  unmoved_until_ = TimePoint::min();
  end_hold();
  next_assertion_ = TimePoint::min();
  refusals_ = 0;
  return claim(now);
}

/// RFC 9568 §6.4.2 advertises first. Here the addresses and the announcement come first and all
/// three in one turn: an advertisement that is answered before the announcement is out leaves the
/// neighbours' caches with the loser.
Actions VirtualRouter::claim(TimePoint now) {
  claimed_ = true;
  timer_ = now + parameters_.advertisement_interval;
  announcements_.restart(now);
  Actions actions{TakeAddresses{}};
  if (announcements_.take_due(now)) actions.push_back(Announce{});
  actions.push_back(SendAdvertisement{priority_});
  return actions;
}

/// As at a start: whoever is Active is heard before it is judged, and obeyed for Preempt_Delay.
void VirtualRouter::listen_first(TimePoint now) {
  preempts_from_ = std::max(now, not_before_) + parameters_.preempt_delay;
  become_backup(parameters_.advertisement_interval, now);
}

void VirtualRouter::become_backup(Centiseconds active_adver_interval, TimePoint now) {
  state_ = State::Backup;
  awaiting_successor_ = false;
  asked_until_ = TimePoint::max();
  announcements_.cancel();
  active_adver_interval_ = active_adver_interval;
  silent_since_ = now;
  word_until_ = TimePoint::min();
  active_resigned_ = false;
  stall_forgiven_ = obeys_ = false;
  arm_active_down_timer();
}

/// §6.4.3: assert our state at once, so that learning bridges and the rival follow us; then
/// announce, again and again until after the rival's last word.
Actions VirtualRouter::assert_against_rival(bool resigns, TimePoint now) {
  if (!claimed_) return {};  // nothing to assert yet
  Actions actions;
  if (now >= next_assertion_) {
    next_assertion_ =
        now + common::Duration{parameters_.advertisement_interval} / kAssertionsPerInterval;
    if (resigns) timer_ = now + parameters_.advertisement_interval;
    actions.push_back(SendAdvertisement{priority_});
  }
  announcements_.restart(now);
  if (announcements_.take_due(now)) actions.push_back(Announce{});
  return actions;
}

/// RFC 9568 §6.4.3 ends with the advertisement of priority 0 and leaves nobody with the addresses
/// for the successor's Skew_Time. We keep them, silently, until it has spoken.
Actions VirtualRouter::resign(TimePoint now) {
  hold_until_ = now + kLongestHold * common::Duration{parameters_.advertisement_interval};
  next_resignation_ = now + parameters_.advertisement_interval;
  return {SendAdvertisement{kResigning}};
}

Actions VirtualRouter::on_hold_deadline(TimePoint now) {
  if (now >= hold_until_) {
    end_hold();
    return {ReleaseAddresses{}};
  }
  if (now < next_resignation_) return {};
  // Not sooner than after a whole interval: some peers begin their Skew_Time anew at each.
  next_resignation_ = now + parameters_.advertisement_interval;
  return {SendAdvertisement{kResigning}};
}

/// Should the one that was asked fall silent, it is replaced as ever.
TimePoint VirtualRouter::patience_ends(TimePoint heard) const {
  return std::min(asked_until_, heard + active_down_interval(priority_, active_adver_interval_));
}

void VirtualRouter::arm_active_down_timer() {
  if (!fit()) {
    timer_ = TimePoint::max();
    return;
  }
  const auto wait = active_resigned_ ? skew_time : active_down_interval;
  const auto silent_since = std::max(silent_since_, not_before_);
  timer_ = std::max(word_until_,
                    silent_since + wait(priority_, active_adver_interval_, parameters_.version));
}

}  // namespace vrrp::election
