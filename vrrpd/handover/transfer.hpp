#pragma once

#include "common/address.hpp"
#include "common/time.hpp"
#include "vrrpd/handover/message.hpp"
#include "vrrpd/handover/move_counts.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace vrrp::handover {

/// The other end of a move.
struct Peer {
  common::IpAddress address;  // primary, on the LAN of the router that is spoken of
  Places places{};            // of that router and of those that move with it
  bool operator==(const Peer&) const = default;
};

/// Tell a peer.
struct Say {
  Kind kind;
  common::IpAddress to;
  std::uint64_t transfer{0};
  bool operator==(const Say&) const = default;
};
/// Say Hello to everybody on the LAN: a rival is there, and it is not known who it is.
struct Hail {
  bool operator==(const Hail&) const = default;
};
/// What reaches us for the addresses and belongs to no connection of ours goes to the peer.
struct Divert {
  Peer peer;
  bool operator==(const Divert&) const = default;
};
struct EndDiversion {
  bool operator==(const EndDiversion&) const = default;
};
/// Stop advertising: a successor is about to speak.
struct AwaitSuccessor {
  bool operator==(const AwaitSuccessor&) const = default;
};
/// The successor has spoken: a Backup from now on, silent for the addresses, but serving who is
/// connected.
struct Withdraw {
  bool operator==(const Withdraw&) const = default;
};
/// Become Active now.
struct TakeOver {
  bool operator==(const TakeOver&) const = default;
};
/// Advertise at once: the giver has not heard us.
struct Speak {
  bool operator==(const Speak&) const = default;
};
/// The silence is over, the addresses are ours again.
struct EndSilence {
  bool operator==(const EndSilence&) const = default;
};
/// The silence is over and the addresses go: the last connection has ended, or its time has.
struct LetGo {
  bool operator==(const LetGo&) const = default;
};
/// It did not work. `awaited`: a successor was awaited; advertise again.
struct GiveUp {
  bool awaited;
  bool operator==(const GiveUp&) const = default;
};

using Step = std::variant<Say, Hail, Divert, EndDiversion, AwaitSuccessor, Withdraw, TakeOver,
                          Speak, EndSilence, LetGo, GiveUp>;
using Steps = std::vector<Step>;  // a handful

/// What the rules need to know of this router now.
struct Self {
  bool active{false};
  bool fit{false};
  Priority priority{};          // effective
  common::IpAddress address{};  // primary
};

/// Planned moves of one Virtual Router, or of several that move together, giver's side and taker's
/// side, without sockets or clock. The giver offers, the taker gets ready (it diverts what it does
/// not own back to the giver), the giver says Go and waits for the taker's advertisement, then
/// serves its own connections in silence until they have ended. Both divert to each other
/// meanwhile, so that a neighbour that still sends to the wrong one is not reset, and a move back
/// in the midst changes nothing of that. Every word may be lost and said twice.
class Transfer {
 public:
  static constexpr std::size_t kMostPeers = 16;
  static constexpr auto kRepeat = std::chrono::milliseconds{20};  // of a word without its answer
  static constexpr auto kOfferLimit = std::chrono::milliseconds{400};
  static constexpr auto kGoLimit = std::chrono::milliseconds{100};
  static constexpr auto kReadyLimit = std::chrono::milliseconds{1000};  // ready, and no Go comes
  static constexpr auto kHello = std::chrono::milliseconds{500};
  static constexpr auto kPeerLimit = 4 * kHello;  // without a Hello a peer is not there
  static constexpr auto kShortestHold = std::chrono::milliseconds{1000};  // neighbours learn anew

  explicit Transfer(common::Duration drain) : drain_{drain} {}

  /// Fresh by Sessions, and of this router's VRID.
  Steps on_message(const common::IpAddress& from, const Message& message, const Self& self,
                   common::TimePoint now);
  Steps on_deadline(const Self& self, common::TimePoint now);
  /// Before the election hears it. `priority` not 0.
  Steps on_advertisement(const common::IpAddress& from, const Self& self, common::TimePoint now);
  /// The election made us Active without a Go: whoever was to serve with us is gone, unless it was
  /// about to say it.
  Steps on_active_alone(common::TimePoint now);
  /// The election made us a Backup without a Withdraw.
  Steps on_replaced();
  /// The last Divert could not be carried out: the move goes the plain way.
  Steps on_diversion_refused();
  /// Connections of ours to the addresses, while `holding()`.
  Steps on_connections(std::size_t count, common::TimePoint now);

  /// Gives the addresses to the best fit peer that was heard lately, or to `wanted` when that is
  /// one. False when there is none, or a move is under way already; `steps` is to be carried out.
  bool begin(std::uint64_t transfer, const Self& self, common::TimePoint now, Steps& steps,
             const std::optional<common::IpAddress>& wanted = {});
  /// Of an Active Router: whether it does what the sender of this Request asks for. A better one
  /// gets the addresses, and who gave them gets them back.
  bool grants(const common::IpAddress& from, const Message& request, const Self& self) const;
  /// Asks the Active Router for the addresses. False when that one cannot be asked.
  bool request(const common::IpAddress& active, common::TimePoint now, Steps& steps);
  /// Active again after a restart, with the table of the last run in place.
  void resume_diversion(const Peer& peer, common::TimePoint now);
  /// Ends a hold before its time.
  Steps abandon();

  bool moving() const { return move_.has_value() && move_->giving; }
  bool holding() const { return holding_; }
  bool diverting() const { return diverted_to_.has_value(); }
  const std::optional<Peer>& diverted_to() const { return diverted_to_; }
  std::size_t connections() const { return connections_; }
  common::TimePoint hold_until() const { return hold_until_; }
  bool knows(const common::IpAddress& peer, common::TimePoint now) const;
  /// Who could take over now.
  std::optional<common::IpAddress> successor(common::TimePoint now) const;
  /// To whom a Backup says Hello: set by who hears the advertisements; nothing: to nobody.
  void set_active_router(std::optional<common::IpAddress> address);
  /// Of an Active Router: another one answers for the addresses, too, or does so no more. It is
  /// looked for, so that the lesser of the two hears of the better one.
  void contest(bool contested, common::TimePoint now);
  /// Of a Backup: fit no more, or again. The Active Router hears of it at once, so that a move that
  /// follows closely finds a taker.
  void on_fitness(common::TimePoint now);
  common::TimePoint next_deadline() const;
  /// Moves that were to be given away from here, and those that were offered to this node.
  const MoveCounts& given() const { return given_counts_; }
  const MoveCounts& taken() const { return taken_counts_; }

 private:
  struct Known {
    Peer peer;
    Priority priority{};
    bool active{false};
    common::TimePoint heard_at;
  };
  /// One end of a move that is not over.
  struct Move {
    bool giving;  // else taking
    std::uint64_t id;
    Peer peer;
    bool going{false};  // Go was said
    common::TimePoint until;
    common::TimePoint repeat_at;
  };

  const Known* find(const common::IpAddress& address, common::TimePoint now) const;
  const Known* best(common::TimePoint now) const;
  void note(const common::IpAddress& from, const Message& message, common::TimePoint now);
  void divert(const Peer& peer, Steps& steps);
  void end_diversion(Steps& steps);
  Steps on_offer(const common::IpAddress& from, const Message& message, const Self& self,
                 common::TimePoint now);
  Steps on_hello(const common::IpAddress& from, const Message& message, const Self& self,
                 common::TimePoint now);
  Steps on_ready(const Message& message, common::TimePoint now);
  Steps on_go(const Message& message, const Self& self, common::TimePoint now);
  Steps give_up(MoveEnd why);
  void count_given(MoveEnd end) { ++given_counts_[static_cast<std::size_t>(end)]; }
  void count_taken(MoveEnd end) { ++taken_counts_[static_cast<std::size_t>(end)]; }
  Steps end_hold();

  common::Duration drain_;
  std::vector<Known> peers_;
  std::optional<Move> move_;
  std::uint64_t taken_{0};                     // the move that made us Active
  std::optional<common::IpAddress> given_by_;  // while Active by a move
  std::optional<Peer> diverted_to_;
  common::TimePoint diversion_until_{common::TimePoint::max()};  // Active: renewed by a holder
  bool holding_{false};
  common::TimePoint held_since_{};
  common::TimePoint hold_until_{common::TimePoint::max()};
  std::size_t connections_{0};
  std::optional<common::IpAddress> active_router_;
  bool contested_{false};
  common::TimePoint hello_at_{common::TimePoint::max()};
  MoveCounts given_counts_{};
  MoveCounts taken_counts_{};
};

}  // namespace vrrp::handover
