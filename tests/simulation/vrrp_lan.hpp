#pragma once

#include "vrrpd/election/sync_group.hpp"
#include "vrrpd/election/virtual_router.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace vrrp::simulation {

using common::Duration;
using common::TimePoint;

/// Routers, a client on each network and the LANs between them on a virtual clock: one network, or
/// several when what moves together stands on more. Packets are lost, late and out of
/// order as told; routers stall, die, start again, are cut off, and have clocks of their own. The
/// client believes the announcement that reached it last, and the routers hear each other's.
class Lan {
 public:
  struct Weather {
    double loss{0};  // of advertisements, 0..1
    Duration longest_delay{std::chrono::microseconds{200}};
    bool reorders{
        false};  // what one router sends to one other; between routers order is always by chance
  };
  static constexpr TimePoint kStart{std::chrono::hours{1}};

  Lan(std::uint32_t seed, const std::vector<election::Parameters>& routers,
      std::size_t networks = 1);

  Weather weather;

  TimePoint now() const { return now_; }
  std::size_t size() const { return nodes_.size(); }
  void run_for(Duration time);
  /// Runs until it holds; false when it does not within `time`.
  bool run_until(const std::function<bool()>& holds, Duration time);

  void start(std::size_t router);
  void kill(std::size_t router);  // the whole node: its addresses die with it
  void stop(std::size_t router);  // in good order: resigns, holds, then is gone
  void stall(std::size_t router, Duration time);
  void set_fit(std::size_t router, bool fit);
  /// Before its start. What its clock was ahead by at kStart, and gains since, in millionths.
  void set_clock(std::size_t router, Duration ahead, int gains) {
    nodes_[router].clock = {ahead, gains};
  }
  /// Members of different groups do not hear each other on any network; the clients are in group 0.
  void partition(std::vector<int> groups);
  /// On that network `to` no longer hears `from`.
  void cut(std::size_t network, std::size_t from, std::size_t to) {
    cuts_.insert({network, from, to});
  }
  void cut_both_ways(std::size_t network, std::size_t one, std::size_t other) {
    cut(network, one, other);
    cut(network, other, one);
  }
  void heal() {
    partition(std::vector<int>(nodes_.size(), 0));
    cuts_.clear();
  }
  /// A forged advertisement from outside the group of routers, greater than every address.
  void forge(election::Heard heard);

  bool alive(std::size_t router) const { return nodes_[router].alive; }
  std::size_t living() const;
  std::vector<std::size_t> owners() const;
  /// The living, fit router of the highest priority; of equal ones the greatest address.
  std::optional<std::size_t> best() const;
  /// The client of that network.
  std::optional<std::size_t> client_sends_to(std::size_t network = 0) const {
    return clients_[network];
  }
  const election::VirtualRouter& router(std::size_t router) const { return nodes_[router].router; }
  /// Since its first start.
  int announcements(std::size_t router) const { return nodes_[router].announcements; }

  /// Longest times since `forget_records` during which nobody, or more than one, owned the
  /// addresses.
  Duration longest_without_owner() const { return longest_without_; }
  Duration longest_with_several() const { return longest_several_; }
  /// And during which the client sent to a router that did not own them.
  Duration longest_misled() const { return longest_misled_; }
  void forget_records();

 private:
  /// An advertisement, or an announcement when there is none: a claim of the addresses.
  using Word = std::optional<election::Heard>;
  struct Packet {
    std::size_t network;
    std::size_t from;
    Word word;
    TimePoint arrived_at;
  };
  struct RouterClock {
    Duration ahead{};
    int gains{0};
    TimePoint read(TimePoint now) const;
    /// The first moment at which it reads no less.
    TimePoint reaches(TimePoint reading) const;
  };
  struct Node {
    Node(const election::Parameters& p, std::size_t networks)
        : parameters{p}, router{p}, group{networks} {}
    election::Parameters parameters;
    election::VirtualRouter router;
    election::SyncGroup group;
    RouterClock clock;
    bool alive{false};
    bool leaving{false};  // stopped, still holding the addresses
    bool fit{true};
    bool owns{false};
    int announcements{0};
    TimePoint stalled_until{};
    std::deque<Packet> arrived;
    int side{0};  // of a partition
  };
  struct Delivery {
    TimePoint at;
    std::uint64_t number;  // equal times in the order of sending
    std::size_t network;
    std::size_t to;
    std::size_t from;
    Word word;
    bool operator>(const Delivery& other) const {
      return std::tie(at, number) > std::tie(other.at, other.number);
    }
  };
  static constexpr std::size_t kClient = SIZE_MAX;
  static constexpr int kMostStepsAtOnce =
      10'000;  // a router that wants to be woken now for ever is a fault

  bool step(TimePoint end);
  void deliver(const Delivery& delivery);
  void wake(std::size_t router);
  void hear(std::size_t router, const Packet& packet);
  void perform(std::size_t router, const election::Actions& actions);
  void send(std::size_t network, std::size_t from, std::size_t to, const Word& word);
  TimePoint wakes_at(const Node& node) const;
  void record();

  std::mt19937 random_;
  TimePoint now_{kStart};
  std::vector<Node> nodes_;
  std::priority_queue<Delivery, std::vector<Delivery>, std::greater<>> under_way_;
  std::uint64_t sent_{0};
  using Way = std::tuple<std::size_t, std::size_t, std::size_t>;  // network, from, to
  std::set<Way> cuts_;
  std::map<Way, TimePoint> last_arrival_;
  std::vector<std::optional<std::size_t>> clients_;  // of each network
  int steps_at_once_{0};
  std::size_t owners_before_{0};
  TimePoint without_since_{kStart};
  TimePoint several_since_{kStart};
  bool misled_before_{true};
  TimePoint misled_since_{kStart};
  Duration longest_without_{};
  Duration longest_several_{};
  Duration longest_misled_{};
};

}  // namespace vrrp::simulation
