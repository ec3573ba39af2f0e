#pragma once

#include "vrrpd/election/virtual_router.hpp"
#include "vrrpd/handover/transfer.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <vector>

namespace vrrp::simulation {

using common::Duration;
using common::TimePoint;

/// Two nodes with the secret, planned moves between them, and a client whose connections must live
/// on: on a virtual clock, with words and advertisements that are lost and late. What the drivers
/// of the daemon do is done here in their order.
class Moves {
 public:
  static constexpr TimePoint kStart{std::chrono::hours{1}};

  Moves(std::uint32_t seed, Centiseconds interval);

  double loss{0};              // of words and advertisements, 0..1
  bool filtered{false};        // no advertisement arrives
  bool connections_end{true};  // by themselves, some 10 ms to 1 s after they began
  Duration longest_delay{std::chrono::microseconds{300}};

  TimePoint now() const { return now_; }
  void run_for(Duration time);
  bool run_until(const std::function<bool()>& holds, Duration time);

  void forget_times() { with_two_ = without_one_ = {}; }
  void start(std::size_t node);
  void crash(std::size_t node);  // the daemon alone: addresses and tables stay
  void hand_over(std::size_t node);
  /// From now on the kernel refuses it every table.
  void refuse_tables(std::size_t node, bool refuses) { nodes_[node].tables_refused = refuses; }

  bool active(std::size_t node) const {
    return nodes_[node].alive && nodes_[node].election.state() == election::State::Active;
  }
  std::optional<std::size_t> single_active() const;
  bool successor_known(std::size_t node) const {
    return nodes_[node].transfer.successor(now_).has_value();
  }
  bool by_word(std::size_t node) const { return nodes_[node].election.backup_by_word(); }
  /// How long more than one, and none, was Active, altogether.
  Duration with_two() const { return with_two_; }
  Duration without_one() const { return without_one_; }
  /// Nothing of a move is left on either node.
  bool clean() const;
  /// Connections of which a segment found neither its end nor the way to it. Those that a plain
  /// move or a crash breaks at once are not counted; those made while one was under way are.
  int broken() const { return broken_; }
  int refused() const { return refused_; }  // connections that nobody accepted
  int served() const { return served_; }
  int planned_moves() const { return planned_moves_; }
  int plain_moves() const { return plain_moves_; }

 private:
  struct Node {
    Node(const election::Parameters& p, Duration drain) : election{p}, transfer{drain} {}
    election::VirtualRouter election;
    handover::Transfer transfer;
    bool alive{false};
    bool owns{false};
    bool silent{false};
    bool tables_refused{false};
    std::optional<std::size_t> diverts_to;
    std::uint64_t last_id{0};
    bool planned{false};
    TimePoint counted_at{};
    std::multiset<TimePoint> connections;  // by their end
  };
  struct Delivery {
    TimePoint at;
    std::uint64_t number;
    std::function<void()> arrive;
    bool operator>(const Delivery& other) const {
      return std::pair{at, number} > std::pair{other.at, other.number};
    }
  };

  bool step(TimePoint end);
  void pass_to(TimePoint time);
  TimePoint wakes_at(const Node& node) const;
  void wake(std::size_t node);
  void traffic();
  void perform(std::size_t node, const election::Actions& actions, election::State before);
  void perform(std::size_t node, const handover::Steps& steps);
  void advertise(std::size_t from, Priority priority);
  void say(std::size_t from, const handover::Say& word);
  void send(bool may_be_lost, std::function<void()> arrive);
  void break_connections();
  handover::Self self(std::size_t node) const;

  static constexpr Duration kSegmentEvery = std::chrono::microseconds{500};

  std::mt19937 random_;
  Centiseconds interval_;
  TimePoint now_{kStart};
  std::vector<Node> nodes_;
  std::priority_queue<Delivery, std::vector<Delivery>, std::greater<>> under_way_;
  std::uint64_t sent_{0};
  std::uint64_t next_id_{0};
  std::optional<std::size_t> client_;
  TimePoint next_segment_{kStart};
  int broken_{0};
  int refused_{0};
  int served_{0};
  int planned_moves_{0};
  int plain_moves_{0};
  Duration with_two_{};
  Duration without_one_{};
};

}  // namespace vrrp::simulation
