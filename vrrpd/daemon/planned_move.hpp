#pragma once

#include "vrrpd/daemon/lbd_word.hpp"
#include "vrrpd/daemon/log_limit.hpp"
#include "vrrpd/daemon/member.hpp"
#include "vrrpd/daemon/peer_link.hpp"
#include "vrrpd/handover/transfer.hpp"
#include "vrrpd/link/connections.hpp"

#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <string>

namespace vrrp::daemon {

/// What a planned move does to its router.
class Mover {
 public:
  virtual ~Mover() = default;
  virtual handover::Self self() const = 0;
  /// Advertisements that have arrived already.
  virtual void hear_first() = 0;
  virtual void await_successor() = 0;
  virtual void withdraw() = 0;
  virtual void take_over() = 0;
  virtual void speak() = 0;
  /// The addresses go.
  virtual void let_go() = 0;
  /// A move that was begun here did not work. `awaited`: advertise again.
  virtual void give_up(bool awaited) = 0;
  /// A peer says that it is Active.
  virtual void on_word(const common::IpAddress& from, Priority priority) = 0;
  /// A peer to whom they are granted asks for the addresses.
  virtual void asked() = 0;
  /// Something that is kept for the next run has changed.
  virtual void changed() = 0;
};

/// The driver of the planned moves of one router, or of several that move together: timers, tables
/// of nftables, the count of connections. The rules are in vrrp::handover.
class PlannedMove {
 public:
  static constexpr auto kCountInterval = std::chrono::milliseconds{250};

  /// `members` are not empty, the first leads, and they outlive it.
  PlannedMove(boost::asio::io_context& context, Mover& mover, PeerLink& peers, LbdWord& lbd,
              const Members& members, common::Duration drain);
  ~PlannedMove();
  PlannedMove(const PlannedMove&) = delete;
  PlannedMove& operator=(const PlannedMove&) = delete;

  /// Removes what an earlier run left. `diverting_to`: but that, since the router goes on as it
  /// was.
  void clean(const std::optional<handover::Peer>& diverting_to);
  /// False when there is nobody who could take over in this way, or a move is under way.
  bool begin();
  /// Asks the Active Router for its addresses.
  void request(const common::IpAddress& active);
  bool can_ask(const common::IpAddress& active) const;
  /// Before the election hears of it.
  void on_advertisement(const common::IpAddress& source, Priority priority);
  /// The election has become Active, or a Backup, by itself.
  void on_active_alone();
  void on_replaced();
  void set_active_router(std::optional<common::IpAddress> address);
  /// As Transfer.
  void contest(bool contested);
  void on_fitness();
  /// Ends a hold before its time.
  void abandon();
  /// Somebody has deleted these tables of nftables: ours are put back.
  void restore_rules(const link::GoneTables& gone);

  bool moving() const { return transfer_.moving(); }
  bool holding() const { return transfer_.holding(); }
  const handover::Transfer& transfer() const { return transfer_; }
  /// From the offer to the successor's first advertisement, of the last move that was given.
  std::optional<common::Duration> last_move() const { return last_move_; }

 private:
  void on_message(const common::IpAddress& from, const handover::Message& message);
  /// False when a diversion was refused: the rest is not carried out.
  bool perform(const handover::Steps& steps);
  void perform(const handover::Say& step);
  void perform(const handover::Hail&);
  void say(const common::IpAddress& to, handover::Kind kind, std::uint64_t transfer);
  bool perform(const handover::Divert& step);
  void perform(const handover::EndDiversion&);
  void perform(const handover::AwaitSuccessor&) { mover_.await_successor(); }
  void perform(const handover::Withdraw&);
  void perform(const handover::TakeOver&) { mover_.take_over(); }
  void perform(const handover::Speak&) { mover_.speak(); }
  void perform(const handover::EndSilence&);
  void perform(const handover::LetGo&);
  void perform(const handover::GiveUp& step);
  void arm();
  void count();
  void on_counted();
  bool hold_leases(bool on);
  bool divert_to(const handover::Peer& peer);
  bool fall_silent();
  bool nft(const std::string& what, const std::string& commands);
  const RouterOptions& leader() const { return members_.front()->options(); }
  bool has_our_routers(const handover::Message& message) const;
  handover::Places places() const;
  std::string diversion_removal() const;
  std::string silence_removal() const;
  std::vector<common::IpAddress> addresses() const;

  Mover& mover_;
  PeerLink& peers_;
  LbdWord& lbd_;
  const Members& members_;
  handover::Transfer transfer_;
  boost::asio::steady_timer timer_;
  common::TimePoint armed_for_{common::TimePoint::max()};
  boost::asio::steady_timer count_timer_;
  std::optional<link::ConnectionCounter> counter_;
  ReadWaiter count_waiter_;
  std::optional<common::IpAddress> asked_by_;
  std::uint64_t last_id_{0};
  common::TimePoint began_{};
  std::optional<common::Duration> last_move_;
  LogLimit stranger_limit_;
};

}  // namespace vrrp::daemon
