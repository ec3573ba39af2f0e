#pragma once

#include "vrrpd/daemon/action_runner.hpp"
#include "vrrpd/daemon/memory.hpp"
#include "vrrpd/daemon/planned_move.hpp"
#include "vrrpd/election/virtual_router.hpp"
#include "vrrpd/link/lease.hpp"
#include "vrrpd/packet/neighbor_claim.hpp"
#include "vrrpd/tracking/track_set.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vrrp::daemon {

/// The driver of one Virtual Router: waits for packet, deadline, track or link, feeds the election,
/// runs its actions.
class RouterTask : private Mover {
 public:
  /// What was last heard from another router of this VRID.
  struct Peer {
    common::IpAddress address;
    Priority priority;
    common::TimePoint heard_at;
  };

  /// `programs` runs the scripts of tracks; may be null.
  RouterTask(boost::asio::io_context& context, Segment& segment, link::Netlink& netlink,
             Memory& memory, programs::Runner* programs, RouterOptions options);
  RouterTask(const RouterTask&) = delete;
  RouterTask& operator=(const RouterTask&) = delete;

  /// Planned moves, for routers that can have them. Before the start; `peers` outlives the router.
  void talk_to_peers(boost::asio::io_context& context, PeerLink& peers, common::Duration drain);
  /// After the first look at the segment: false when the lease is required and the kernel refuses
  /// it.
  bool prepare();
  /// Instead of `start`, when another of the same configuration cannot be prepared.
  void discard() { lease_.remove(); }
  void start();
  /// Other options for the same router: what is on the wire and on the interface follows at once,
  /// without a change of state unless the new priority demands one.
  void change(RouterOptions options);
  /// Resigns when Active. `on_gone` is called once, when a successor has spoken (or none did in
  /// time) and the addresses are off the interface; at once when there is nothing to wait for.
  void stop(std::function<void()> on_gone);
  /// Ends the wait of `stop`: the addresses go now.
  void abort();
  /// Gives the addresses to a peer and does not take them back from it. The sentence when it
  /// cannot.
  common::Result<void, std::string> hand_over();
  /// Not fit until it ends.
  void set_maintenance(bool on);
  void on_advertisement(const packet::Advertisement& advertisement, const common::IpAddress& source,
                        common::TimePoint arrived_at);
  /// Another station says that one of our addresses is its own.
  void on_rival_claim(const packet::NeighborClaim& claim);
  /// Something about the interface or its addresses may have changed.
  void on_interface();

  bool has_address(const common::IpAddress& address) const;
  /// What the receive checks must know; refers to the options.
  packet::Listener listener() const;
  /// Of a datagram that passed the receive checks.
  std::optional<packet::Refusal> authenticate(const packet::Datagram& datagram) {
    return authenticator_.verify(datagram, common::wall_now());
  }
  Segment& segment() { return segment_; }
  const RouterOptions& options() const { return options_; }
  const election::VirtualRouter& election() const { return election_; }
  const std::vector<tracking::Track>& tracks() const { return tracks_.tracks(); }
  const RouterCounters& counters() const { return counters_; }
  bool leaving() const { return leaving_; }
  const PlannedMove* planned_move() const { return move_ ? &*move_ : nullptr; }
  bool in_maintenance() const { return maintenance_; }
  bool usable() const { return segment_.usable(options_.family()); }
  bool leased() const { return lease_.installed(); }
  const std::optional<Peer>& last_peer() const { return last_peer_; }

 private:
  /// Why an Active Router gives its addresses away.
  enum class Errand : std::uint8_t { None, Operator, Unfit, Stop, Asked };

  handover::Self self() const override;
  void hear_first() override;
  void await_successor() override;
  void withdraw() override;
  void take_over() override;
  void speak() override;
  void let_go() override;
  void give_up(bool awaited) override;
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

  template <class... Args>
  void note(recorder::Kind kind, fmt::format_string<Args...> format, Args&&... args) {
    segment_.journal().recorder.note(kind, options_.interface, options_.vrid.value,
                                     common::wall_now(), format, std::forward<Args>(args)...);
  }
  void perform(const election::Actions& actions, election::State before, std::string_view reason);
  void report_transition(election::State before, std::string_view reason);
  void tell_transition(election::State before, std::string_view reason);
  void on_addresses_refused();
  void tell_if_gone();
  bool was_active_here() const;
  link::LeaseOptions lease_options() const;
  election::Parameters parameters() const;
  bool wants_lease() const;
  void renew_lease(bool alive);
  void arm_timer();
  void on_timer(common::TimePoint due);
  void arm_probe();
  void on_track(const tracking::Track& track);
  void reconsider_priority(std::string_view reason);
  void guard_addresses();
  bool collides(const packet::Advertisement& advertisement) const;
  void note_collision(const packet::Advertisement& advertisement, const common::IpAddress& source);
  void note_mismatch(const packet::Advertisement& advertisement, const common::IpAddress& source);

  RouterOptions options_;
  Segment& segment_;
  Memory& memory_;
  RouterCounters counters_;
  election::VirtualRouter election_;
  packet::Authenticator authenticator_;
  ActionRunner runner_;
  link::Lease lease_;
  unsigned leased_interface_{0};  // its index; a new interface of the same name needs a new lease
  tracking::TrackSet tracks_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer probe_timer_;                  // while Active
  common::TimePoint armed_for_{common::TimePoint::max()};  // max: not armed
  std::optional<Peer> last_peer_;
  std::optional<PlannedMove> move_;  // with a key only
  Errand errand_{Errand::None};
  bool planned_{false};  // what happens to the role just now is known to `move_`
  bool started_{false};
  bool leaving_{false};
  bool was_active_{false};    // an earlier run, here
  bool unchallenged_{false};  // and its lease has not ended
  bool maintenance_{false};
  std::function<void()> on_gone_;  // only while stopping
  LogLimit rival_limit_;
  LogLimit collision_limit_;
  LogLimit mismatch_limit_;
  LogLimit guard_limit_;
};

/// `initialize`, `backup`, `active` as in logs, metrics and status.
std::string_view name(election::State state);

}  // namespace vrrp::daemon
