#pragma once

#include "vrrpd/daemon/action_runner.hpp"
#include "vrrpd/election/virtual_router.hpp"
#include "vrrpd/handover/message.hpp"
#include "vrrpd/link/accept_filter.hpp"
#include "vrrpd/packet/neighbor_claim.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vrrp::daemon {

class RouterTask;

/// One Virtual Router on its interface: what is heard and said there, its addresses, its lease, its
/// counters. Who is Active its RouterTask decides, for all of its members at once.
class Member {
 public:
  /// What was last heard from another router of this VRID.
  struct Peer {
    common::IpAddress address;
    Priority priority;
    common::TimePoint heard_at;
  };

  /// `segment` and `netlink` outlive it, and so does `task`.
  Member(RouterTask& task, Segment& segment, link::Netlink& netlink, RouterOptions options);
  ~Member();
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  // What the segment asks and tells.
  /// What the receive checks must know; refers to the options.
  packet::Listener listener() const;
  /// Of a datagram that passed the receive checks.
  std::optional<packet::Refusal> authenticate(const packet::Datagram& datagram) {
    return authenticator_.verify(datagram, common::wall_now());
  }
  bool has_address(const common::IpAddress& address) const;
  void on_advertisement(const packet::Advertisement& advertisement, const common::IpAddress& source,
                        common::TimePoint arrived_at);
  /// As RouterTask.
  bool only_waits() const;
  /// Another station says that one of our addresses is its own.
  void on_rival_claim(const packet::NeighborClaim& claim);
  /// Something about the interface or its addresses may have changed.
  void on_interface();

  // What the task has it do.
  /// False when the kernel refuses an address.
  bool run(const election::Action& action) { return runner_.run(action); }
  ActionRunner& runner() { return runner_; }
  void use(RouterOptions options);
  /// Its lease into the segment's table. `alive`: from the beginning.
  void prepare(bool alive);
  /// After that was flushed: false when the lease is required and the kernel refuses it.
  bool prepared() const;
  /// Other options want another one.
  void replace_lease(bool alive);
  /// Before options that require one are taken into use: with the addresses of now into the
  /// segment's table, unless there is one. `tried` after that was flushed, as `prepared`.
  void try_lease(const RouterOptions& wanted, bool alive);
  bool tried(const RouterOptions& wanted) const;
  /// Those options are not taken into use.
  void take_back_lease();
  /// Makes the kernel take or refuse what is sent to the addresses, as Accept_Mode has it.
  void apply_accept_mode();
  /// Puts back what somebody has deleted; a lease into the segment's table, which is flushed then.
  /// `speaks`: it answers for the addresses now.
  void restore_rules(const link::GoneTables& gone, bool speaks);
  void note_rules_restored(std::string_view table);
  /// Of an address owner, who leaves its interface what it had: nobody is answered for that while
  /// another node is Active.
  void hush(bool on);
  /// Takes out of the kernel what would outlive the process.
  void leave_kernel();
  /// That of an earlier run has not ended.
  bool was_leased() const {
    return link::lease_alive(options_.interface, options_.family(), options_.vrid);
  }
  /// As Segment, of the router's family.
  bool heard_all() const { return segment_.heard_all(options_.family()); }
  /// As LeaseTable.
  std::optional<std::string> hold_lease(bool on) { return leases().hold(options_.vrid, on); }
  /// Of an Active Router: puts back what somebody took away. False when the kernel refuses it.
  bool guard_addresses();
  /// As well for its routes; they are looked at again with each probe.
  void guard_routes();
  void count_transition(election::State to);

  /// Whether all addresses stand on the interface.
  bool has_all_addresses() const;
  bool usable() const {
    return segment_.usable(options_.family()) &&
           (!virtual_mac_ || virtual_mac_->device().index != 0);
  }
  /// What it is found by is not the interface's own; null when it is.
  const VirtualMac* virtual_mac() const { return virtual_mac_ ? &*virtual_mac_ : nullptr; }
  /// The device its addresses are found on beside the interface; empty when there is none.
  std::string virtual_device() const { return virtual_mac_ ? virtual_mac_->name() : ""; }
  bool is_ours(const MacAddress& mac) const { return virtual_mac_ && virtual_mac_->mac() == mac; }
  bool leased() const { return segment_.leases(options_.family()).installed(options_.vrid); }
  /// Where it is found by a peer; nothing without a primary address.
  std::optional<handover::Place> place() const;

  const RouterTask& task() const { return task_; }
  Segment& segment() const { return segment_; }
  const RouterOptions& options() const { return options_; }
  RouterCounters& counters() { return counters_; }
  const RouterCounters& counters() const { return counters_; }
  const std::optional<Peer>& last_peer() const { return last_peer_; }

  template <class... Args>
  recorder::Mark note(recorder::Kind kind, fmt::format_string<Args...> format, Args&&... args) {
    return note_at(common::wall_now(), kind, format, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  recorder::Mark note_at(common::WallTime when, recorder::Kind kind,
                         fmt::format_string<Args...> format, Args&&... args) {
    return segment_.journal().recorder.note(kind, options_.interface, options_.vrid.value, when,
                                            format, std::forward<Args>(args)...);
  }
  bool wants_lease() const;
  link::LeaseTable& leases() { return segment_.leases(options_.family()); }
  void set_lease(bool alive);
  void put_lease(bool alive);
  link::AcceptFilter accept_filter() const;
  void note_heard(const packet::Advertisement& advertisement, const common::IpAddress& source,
                  common::TimePoint arrived_at);
  bool collides(const packet::Advertisement& advertisement) const;
  void note_collision(const packet::Advertisement& advertisement, const common::IpAddress& source);
  void note_mismatch(const packet::Advertisement& advertisement, const common::IpAddress& source);

  RouterTask& task_;
  Segment& segment_;
  link::Netlink& netlink_;
  RouterOptions options_;
  RouterCounters counters_;
  packet::Authenticator authenticator_;
  std::optional<VirtualMac> virtual_mac_;
  ActionRunner runner_;
  std::optional<Peer> last_peer_;
  bool hushed_{false};
  struct Noted {
    common::IpAddress source;
    Priority priority;
    Centiseconds interval;
    bool operator==(const Noted&) const = default;
  };
  Noted noted_{};
  recorder::Mark noted_mark_{0};
  LogLimit collision_limit_;
  LogLimit mismatch_limit_;
  LogLimit guard_limit_;
  LogLimit rules_limit_;
  LogLimit mac_limit_;
};

using Members = std::vector<std::unique_ptr<Member>>;

}  // namespace vrrp::daemon
