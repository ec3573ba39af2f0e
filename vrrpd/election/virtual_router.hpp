#pragma once

#include "common/time.hpp"
#include "vrrpd/election/action.hpp"
#include "vrrpd/election/announcements.hpp"
#include "vrrpd/election/parameters.hpp"

#include <algorithm>

namespace vrrp::election {

enum class State { Initialize, Backup, Active };

/// What of an advertisement that passed the receive checks (RFC 9568 §7.1) matters here.
struct Heard {
  Priority priority;
  Centiseconds max_advertise_interval;
  bool from_greater_address;  // sender's primary address > ours, as unsigned integers
};

/// The election of one Virtual Router (RFC 9568 §6.4), without sockets or clock: the caller
/// reads the packets, sleeps until `next_deadline()` and carries out what is returned.
class VirtualRouter {
 public:
  explicit VirtualRouter(const Parameters& parameters)
      : parameters_{parameters},
        priority_{parameters.priority},
        announcements_{parameters.announcements} {}

  /// Not Active before `not_before`, unless a peer hands over: what is heard until then is obeyed
  /// or ignored as ever, and silence counts from then on.
  Actions start(common::TimePoint now, common::TimePoint not_before = common::TimePoint::min());
  /// In place of `start`, when an earlier run of this router was Active and its addresses are still
  /// on the interface. `unchallenged`: nobody can have taken over meanwhile; Active at once. Else
  /// it listens for an interval and a half with the addresses in place, and lets them go when
  /// anybody advertises.
  Actions adopt(bool unchallenged, common::TimePoint now);
  /// An Active Router resigns with priority 0 and goes on serving until a successor has spoken, at
  /// most `kLongestHold` intervals: make before break. Deadlines and advertisements are to be
  /// handed in until `holding()` ends.
  Actions stop(common::TimePoint now);
  /// By the operator's word, Active: resigns as `stop` does, goes on as a Backup, and does not take
  /// back from a lesser router what it gave away: only when that one resigns or falls silent.
  Actions give_away(common::TimePoint now);
  /// Of a planned move, the giver: Active in silence, for the taker is about to speak.
  void await_successor();
  /// It has spoken: a Backup that leaves its addresses where they are and, as after `give_away`,
  /// does not take over from a lesser router that serves.
  void withdraw(common::TimePoint now);
  /// It has not: Active as before.
  Actions resume(common::TimePoint now);
  /// Of a planned move, the taker, a fit Backup: Active now. What the giver may still have sent
  /// does not make it yield for an interval.
  Actions take_over(common::TimePoint now);
  /// Whether the Active Router, should it be lesser, can be asked to hand over; if so it is asked
  /// before it is preempted, once, and given `kPatience`.
  void ask_before_preemption(bool can_be_asked) { asks_ = can_be_asked; }
  /// Advertises out of turn.
  Actions speak();
  /// Ends what `stop` began, now.
  Actions abort();
  /// `now` may be the time of reception, a little before that of the last call.
  Actions on_advertisement(const Heard& heard, common::TimePoint now);
  /// Beyond the RFC: a router that shares our secret says, by another way than an advertisement,
  /// that it is Active. Where advertisements do not pass, the lesser of two Active Routers yields
  /// as if it had heard one, and stays a Backup for `kWordLimit` after each such word; with the
  /// Active_Down_Timer it goes on as ever. Who hears advertisements goes by those alone.
  Actions on_word(const Heard& heard, common::TimePoint now);
  /// Only after every packet that has arrived was handed in: silence must not be judged beside a
  /// full socket.
  Actions on_deadline(common::TimePoint now);
  /// A station that does not advertise to us claims an address (ARP, neighbour discovery): the
  /// neighbours are told again where it is, in the steps of a takeover.
  Actions on_rival_claim(common::TimePoint now);
  /// The kernel refused `TakeAddresses`, or to put back what somebody took: claimed again after
  /// `kClaimDistance`, without a word meanwhile. The `kMostClaims`th refusal ends it: the router
  /// resigns and is not fit for `kClaimRest`.
  Actions on_addresses_refused(common::TimePoint now);
  /// What tracking makes of the base priority. 0: not fit to be Active; an Active Router resigns
  /// and stays a Backup that never takes over, until it is given another priority.
  Actions on_priority(Priority priority, common::TimePoint now);

  /// Other parameters from now on, without a change of state; an Active Router tells the others at
  /// once. Of `priority` only the interpretation changes: `on_priority` says the effective one.
  Actions on_parameters(const Parameters& parameters, common::TimePoint now);

  State state() const { return state_; }
  Priority priority() const { return priority_; }
  bool fit() const { return priority_ != kResigning && rest_until_ == common::TimePoint::max(); }
  /// Resigned, and keeping the addresses for who still sends here until a successor has them.
  bool holding() const { return hold_until_ != common::TimePoint::max(); }
  /// Of a planned move, the giver: Active, but a successor is about to speak.
  bool awaits_successor() const { return awaiting_successor_; }
  /// A Backup whom the last advertisement told to go on waiting, and will again: nothing comes of
  /// hearing the same one later, as long as that is before the next deadline.
  bool only_waits() const {
    return state_ == State::Backup && obeys_ && fit() && !active_resigned_ && !asked() &&
           !holding();
  }
  /// A Backup since another router says that it is Active, though none of its advertisements
  /// arrives.
  bool backup_by_word() const { return word_until_ != common::TimePoint::min(); }
  bool delayed(common::TimePoint now) const { return now < not_before_; }
  /// Gave its addresses away on purpose: no preemption until it has been Active again.
  bool gave_away() const { return gave_away_; }
  Centiseconds active_adver_interval() const { return active_adver_interval_; }
  /// `TimePoint::max()` while nothing is due.
  common::TimePoint next_deadline() const {
    return std::min({timer_, announcements_.next(), hold_until_, next_resignation_, rest_until_});
  }

  /// Resigned: how long for a successor, in advertisement intervals. The slowest takes one of
  /// Skew_Time; the rest is for a resignation that was lost and said again.
  static constexpr int kLongestHold = 4;
  /// A successor has spoken. Some advertise before they have the addresses and announce them last
  /// (keepalived, by some 4 ms): until this much later the neighbours may still send here.
  static constexpr auto kSuccessorGrace = std::chrono::milliseconds{30};
  /// For a lesser Active Router that was asked to hand over.
  static constexpr auto kPatience = std::chrono::milliseconds{1000};
  /// As long as handover::Transfer takes a peer for alive that has not said so again.
  static constexpr auto kWordLimit = std::chrono::milliseconds{2000};
  /// A kernel that is short of memory may take the addresses a moment later.
  static constexpr int kMostClaims = 3;
  static constexpr auto kClaimDistance = std::chrono::milliseconds{50};
  static constexpr auto kClaimRest = std::chrono::seconds{10};

 private:
  Actions become_active(common::TimePoint now);
  Actions claim(common::TimePoint now);
  void listen_first(common::TimePoint now);
  void become_backup(Centiseconds active_adver_interval, common::TimePoint now);
  Actions assert_against_rival(bool resigns, common::TimePoint now);
  Actions yield(Centiseconds active_adver_interval, common::TimePoint now);
  bool loses_to(const Heard& heard, common::TimePoint now) const;
  Actions resign(common::TimePoint now);
  Actions on_hold_deadline(common::TimePoint now);
  Actions release_adopted();
  void end_hold() { hold_until_ = next_resignation_ = common::TimePoint::max(); }
  bool asked() const { return asked_until_ != common::TimePoint::max(); }
  common::TimePoint patience_ends(common::TimePoint heard) const;
  void arm_active_down_timer();

  Parameters parameters_;
  Priority priority_;  // effective
  State state_{State::Initialize};
  common::TimePoint timer_{common::TimePoint::max()};  // Active_Down_Timer or Adver_Timer

  // Backup
  Centiseconds active_adver_interval_{};
  common::TimePoint silent_since_{};
  bool active_resigned_{false};  // it said so: wait Skew_Time only
  bool stall_forgiven_{false};
  bool obeys_{false};  // the router that was heard last, whenever it advertises
  common::TimePoint preempts_from_{common::TimePoint::min()};
  common::TimePoint word_until_{common::TimePoint::min()};  // min: goes by advertisements
  common::TimePoint not_before_{common::TimePoint::min()};
  bool gave_away_{false};
  bool adopting_{false};  // has addresses of an earlier run
  bool asks_{false};
  common::TimePoint asked_until_{common::TimePoint::max()};  // max: not asked
  common::TimePoint lesser_heard_{common::TimePoint::min()};

  // Active
  Announcements announcements_;
  common::TimePoint next_assertion_{common::TimePoint::min()};
  bool awaiting_successor_{false};
  common::TimePoint unmoved_until_{common::TimePoint::min()};
  int refusals_{0};      // of the kernel, since the addresses last stood for an interval
  bool claimed_{false};  // the addresses were not refused: it may speak

  // Resigned, still holding the addresses
  common::TimePoint hold_until_{common::TimePoint::max()};
  common::TimePoint next_resignation_{common::TimePoint::max()};

  // Resigned because the kernel refuses the addresses
  common::TimePoint rest_until_{common::TimePoint::max()};
};

}  // namespace vrrp::election
