#pragma once

#include "vrrpd/daemon/deadline_timer.hpp"
#include "vrrpd/daemon/member.hpp"
#include "vrrpd/daemon/memory.hpp"
#include "vrrpd/daemon/planned_move.hpp"
#include "vrrpd/election/both_active.hpp"
#include "vrrpd/election/sync_group.hpp"
#include "vrrpd/election/virtual_router.hpp"
#include "vrrpd/tracking/track_set.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vrrp::daemon {

/// The driver of one election: waits for packet, deadline, track or link, feeds it, and has its
/// actions run by the Virtual Router, or by all of those that move together.
class RouterTask : private Mover {
 public:
  /// Where each member lives.
  using SegmentOf = std::function<Segment&(const std::string& interface)>;

  /// `programs` runs the scripts of tracks; may be null.
  RouterTask(boost::asio::io_context& context, const SegmentOf& segment_of, link::Netlink& netlink,
             Memory& memory, programs::Runner* programs, RouterGroup group);
  RouterTask(const RouterTask&) = delete;
  RouterTask& operator=(const RouterTask&) = delete;

  /// Planned moves, for routers that can have them. Before the start; `peers` and `lbd` outlive the
  /// router.
  void talk_to_peers(boost::asio::io_context& context, PeerLink& peers, LbdWord& lbd,
                     common::Duration drain);
  /// After the first look at the segments: what an earlier run left, and what was said since.
  void recall();
  /// After all have recalled: the leases into their tables.
  void prepare();
  /// After those were flushed: false when one is required and the kernel refuses it.
  bool prepared() const;
  /// The same two before a `change` to these options, and what undoes them.
  void try_leases(const RouterGroup& wanted);
  bool tried(const RouterGroup& wanted) const;
  void take_back_leases();
  /// Instead of `start`, when another of the same configuration cannot be prepared.
  void discard();
  /// As VirtualRouter.
  void start(common::TimePoint not_before);
  /// Other options for the same routers: what is on the wire and on the interface follows at once,
  /// without a change of state unless the new priority demands one.
  void change(RouterGroup group);
  /// Resigns when Active. `on_gone` is called once, when a successor has spoken (or none did in
  /// time) and the addresses are off the interfaces; at once when there is nothing to wait for.
  void stop(std::function<void()> on_gone);
  /// Ends the wait of `stop`: the addresses go now.
  void abort();
  /// Neither gives addresses away nor waits for what comes of that.
  bool settled() const;
  /// Speaks once more when Active, so that the next run has as much time as there can be.
  void make_way();
  /// Gives the addresses to a peer and does not take them back from it. The sentence when it
  /// cannot.
  common::Result<void, std::string> hand_over();
  /// Asks the Active Router, a peer that shares our secret, for the addresses it was given by us.
  /// The sentence when nobody can be asked.
  common::Result<void, std::string> take_back();
  /// Not fit until it ends.
  void set_maintenance(bool on);

  // What the members tell.
  void on_advertisement(const Member& member, election::Heard heard, common::TimePoint arrived_at);
  void on_rival_claim(Member& member, const packet::NeighborClaim& claim);
  /// What was said last would be no news, again, before the next deadline.
  bool only_waits() const;
  void on_interface();
  /// Somebody has deleted these tables of nftables: what of them is this router's is put back, the
  /// leases with the next flush.
  void restore_rules(const link::GoneTables& gone);
  /// After that flush: what planned moves need.
  void restore_move(const link::GoneTables& gone);

  const Members& members() const { return members_; }
  /// Of the member that leads: what concerns the election is the same for all.
  const RouterOptions& options() const { return leader().options(); }
  const RouterGroup& group() const { return group_; }
  const election::VirtualRouter& election() const { return election_; }
  const election::BothActive& both_active() const { return both_active_; }
  const std::vector<tracking::Track>& tracks() const { return tracks_.tracks(); }
  bool leaving() const { return leaving_; }
  const PlannedMove* planned_move() const { return move_ ? &*move_ : nullptr; }
  bool in_maintenance() const { return maintenance_; }
  bool usable() const;

 private:
  /// It has stopped, and `on_gone` was called.
  bool gone_from_kernel() const { return leaving_ && !on_gone_; }
  /// Why an Active Router gives its addresses away.
  enum class Errand : std::uint8_t { None, Operator, Unfit, Stop, Asked };

  handover::Self self() const override;
  void hear_first() override;
  void hear_what_waits();
  void await_successor() override;
  void withdraw() override;
  void take_over() override;
  void speak() override;
  void let_go() override;
  void give_up(bool awaited) override;
  void on_word(const common::IpAddress& from, Priority priority) override;
  void asked() override;
  void changed() override;
  bool can_move() const;
  void leave(Errand why);
  void leave_plainly();
  void tell_move(election::State before);
  std::string memory_name() const;
  void remember_role();
  std::optional<handover::Peer> diverted_by_last_run() const;
  Priority wanted_priority() const;

  Member& leader() const { return *members_.front(); }
  std::vector<tracking::TrackOptions> all_tracks() const;
  bool run(const election::Actions& actions);
  void hush();
  void perform(const election::Actions& actions, election::State before, std::string_view reason);
  void report_transition(election::State before, std::string_view reason);
  void tell_transition(Member& member, election::State before, std::string_view reason);
  void on_addresses_refused();
  void tell_if_gone();
  bool was_active_here() const;
  bool leased() const;
  election::Parameters parameters() const;
  void arm_timer();
  void on_timer(common::TimePoint due);
  void note_late(common::Duration late);
  common::Duration probe_distance() const;
  void arm_probe();
  void on_track(const tracking::Track& track);
  void reconsider_priority(std::string_view reason);
  void guard_addresses();
  bool is_rival(common::Duration again, common::TimePoint now);
  void confirm_rival(common::TimePoint now);
  void end_both_active(common::TimePoint now);

  RouterGroup group_;
  Memory& memory_;
  Members members_;
  election::VirtualRouter election_;
  election::SyncGroup networks_;
  election::BothActive both_active_;
  tracking::TrackSet tracks_;
  DeadlineTimer timer_;
  boost::asio::steady_timer probe_timer_;  // while Active
  std::optional<PlannedMove> move_;        // with a key only
  Errand errand_{Errand::None};
  bool planned_{false};  // what happens to the role just now is known to `move_`
  bool started_{false};
  bool leaving_{false};
  bool hearing_{false};       // before a deadline is judged, which sets the timer
  bool was_active_{false};    // an earlier run, here
  bool challenged_{false};    // somebody else has advertised since
  bool unchallenged_{false};  // nobody can have taken over: its lease has not ended, or we would
                              // have heard it
  bool maintenance_{false};
  std::function<void()> on_gone_;  // only while stopping
  /// A claim that may be the first frame of a takeover: what follows it says so within an interval.
  struct Claim {
    const Member* member;
    packet::NeighborClaim claim;
  };
  std::optional<Claim> claimed_by_;
};

/// `initialize`, `backup`, `active` as in logs, metrics and status.
std::string_view name(election::State state);

}  // namespace vrrp::daemon
