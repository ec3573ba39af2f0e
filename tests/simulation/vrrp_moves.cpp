#include "tests/simulation/vrrp_moves.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::simulation {

using namespace std::chrono_literals;
using election::State;
using handover::Kind;

namespace {

constexpr Duration kDrain = 3s;
constexpr Duration kCountInterval = 250ms;  // as PlannedMove

common::IpAddress address_of(std::size_t node) {
  return common::IpAddress::v4(0xC0A80A0B + static_cast<std::uint32_t>(node));
}
std::size_t node_of(const common::IpAddress& address) { return address.to_v4() - 0xC0A80A0B; }

election::Parameters parameters(std::size_t node, Centiseconds interval) {
  return {.priority = {static_cast<std::uint8_t>(200 - 100 * node)},
          .advertisement_interval = interval,
          .preempt_mode = false};
}

}  // namespace

Moves::Moves(std::uint32_t seed, Centiseconds interval) : random_{seed}, interval_{interval} {
  for (std::size_t i = 0; i < 2; ++i) nodes_.emplace_back(parameters(i, interval), kDrain);
}

void Moves::run_for(Duration time) {
  const auto end = now_ + time;
  while (step(end)) {
  }
}

bool Moves::run_until(const std::function<bool()>& holds, Duration time) {
  const auto end = now_ + time;
  while (!holds())
    if (!step(end)) return holds();
  return true;
}

bool Moves::step(TimePoint end) {
  auto next = std::min(next_segment_, under_way_.empty() ? TimePoint::max() : under_way_.top().at);
  std::optional<std::size_t> waking;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (const auto at = wakes_at(nodes_[i]); at < next) {
      next = at;
      waking = i;
    }
  if (next > end) {
    pass_to(end);
    return false;
  }
  pass_to(std::max(now_, next));
  if (waking) {
    wake(*waking);
  } else if (now_ >= next_segment_) {
    next_segment_ += kSegmentEvery;
    traffic();
  } else {
    const auto delivery = under_way_.top();
    under_way_.pop();
    delivery.arrive();
  }
  return true;
}

void Moves::pass_to(TimePoint time) {
  if (active(0) && active(1)) with_two_ += time - now_;
  if (!active(0) && !active(1)) without_one_ += time - now_;
  now_ = time;
}

TimePoint Moves::wakes_at(const Node& node) const {
  if (!node.alive) return TimePoint::max();
  auto next = std::min(node.election.next_deadline(), node.transfer.next_deadline());
  if (node.transfer.holding()) next = std::min(next, node.counted_at + kCountInterval);
  return std::max(next, now_);
}

void Moves::wake(std::size_t index) {
  auto& node = nodes_[index];
  if (now_ >= node.transfer.next_deadline())
    perform(index, node.transfer.on_deadline(self(index), now_));
  if (now_ >= node.election.next_deadline()) {
    const auto before = node.election.state();
    perform(index, node.election.on_deadline(now_), before);
  }
  if (node.transfer.holding() && now_ >= node.counted_at + kCountInterval) {
    node.counted_at = now_;
    perform(index, node.transfer.on_connections(node.connections.size(), now_));
  }
}

/// A segment of every connection and a new connection, to where the client believes the address is.
void Moves::traffic() {
  for (auto& node : nodes_)
    if (connections_end)
      node.connections.erase(node.connections.begin(), node.connections.upper_bound(now_));
  if (!client_) return;
  auto& first = nodes_[*client_];
  for (std::size_t owner = 0; owner < nodes_.size(); ++owner) {
    auto& connections = nodes_[owner].connections;
    if (connections.empty()) continue;
    const bool reaches =
        (*client_ == owner || first.diverts_to == owner) && nodes_[owner].owns && first.owns;
    if (reaches) {
      ++served_;
    } else {
      // A reset ends them: what one move broke must not be found broken again in the next.
      broken_ += static_cast<int>(connections.size());
      connections.clear();
    }
  }
  if (!first.owns) {
    ++refused_;
    return;
  }
  first.connections.insert(now_ + 10ms + Duration{1ms} * static_cast<int>(random_() % 990));
}

void Moves::break_connections() {
  for (auto& node : nodes_) node.connections.clear();
}

void Moves::send(bool may_be_lost, std::function<void()> arrive) {
  if (may_be_lost && std::uniform_real_distribution<>{0, 1}(random_) < loss) return;
  const auto delay = std::chrono::duration_cast<Duration>(
      longest_delay * std::uniform_real_distribution<>{0, 1}(random_));
  under_way_.push({now_ + delay, sent_++, std::move(arrive)});
}

void Moves::advertise(std::size_t from, Priority priority) {
  send(true, [this, from, priority] {
    const std::size_t to = 1 - from;
    auto& node = nodes_[to];
    if (!node.alive || filtered) return;
    if (priority != kResigning)
      perform(to, node.transfer.on_advertisement(address_of(from), self(to), now_));
    const auto before = node.election.state();
    perform(to, node.election.on_advertisement({priority, interval_, from > to}, now_), before);
    if (node.election.state() == State::Backup && priority != kResigning)
      node.transfer.set_active_router(address_of(from));
  });
}

void Moves::say(std::size_t from, const handover::Say& word) {
  const auto me = self(from);
  const handover::Message message{.kind = word.kind,
                                  .vrid = {51},
                                  .priority = me.priority,
                                  .active = me.active,
                                  .holding = nodes_[from].transfer.holding(),
                                  .transfer = word.transfer};
  send(true, [this, message, from, to = node_of(word.to)] {
    auto& node = nodes_[to];
    if (!node.alive) return;
    perform(to, node.transfer.on_message(address_of(from), message, self(to), now_));
    if (message.kind != Kind::Hello || !message.active) return;
    const auto before = node.election.state();
    perform(to, node.election.on_word({message.priority, interval_, from > to}, now_), before);
    if (node.election.backup_by_word()) node.transfer.set_active_router(address_of(from));
  });
}

handover::Self Moves::self(std::size_t index) const {
  const auto& election = nodes_[index].election;
  return {.active = election.state() == State::Active,
          .fit = election.fit(),
          .priority = election.priority(),
          .address = address_of(index)};
}

void Moves::perform(std::size_t index, const election::Actions& actions, State before) {
  auto& node = nodes_[index];
  const bool is_active = node.election.state() == State::Active;
  if (!node.planned && is_active != (before == State::Active)) {
    ++plain_moves_;
    break_connections();
    perform(index, is_active ? node.transfer.on_active_alone(now_) : node.transfer.on_replaced());
  }
  for (const auto& action : actions) {
    if (const auto* said = std::get_if<election::SendAdvertisement>(&action))
      advertise(index, said->priority);
    else if (std::holds_alternative<election::Announce>(action))
      send(false, [this, index] {
        client_ = index;
        nodes_[1 - index].transfer.contest(active(1 - index), now_);
      });
    else if (std::holds_alternative<election::TakeAddresses>(action))
      node.owns = true;
    else if (std::holds_alternative<election::ReleaseAddresses>(action))
      node.owns = false;
  }
}

void Moves::perform(std::size_t index, const handover::Steps& steps) {
  auto& node = nodes_[index];
  for (const auto& step : steps) {
    if (const auto* word = std::get_if<handover::Say>(&step)) {
      say(index, *word);
    } else if (std::holds_alternative<handover::Hail>(step)) {
      say(index, {Kind::Hello, address_of(1 - index)});
    } else if (const auto* divert = std::get_if<handover::Divert>(&step)) {
      if (node.tables_refused) {
        perform(index, node.transfer.on_diversion_refused());
        if (self(index).active) perform(index, node.election.give_away(now_), State::Active);
        return;
      }
      node.diverts_to = node_of(divert->peer.address);
    } else if (std::holds_alternative<handover::EndDiversion>(step)) {
      node.diverts_to.reset();
    } else if (std::holds_alternative<handover::AwaitSuccessor>(step)) {
      node.election.await_successor();
    } else if (std::holds_alternative<handover::Withdraw>(step)) {
      node.silent = !node.tables_refused;
      ++planned_moves_;
      node.election.withdraw(now_);
      node.counted_at = now_;
      if (node.tables_refused) perform(index, node.transfer.abandon());
    } else if (std::holds_alternative<handover::TakeOver>(step)) {
      const auto before = node.election.state();
      node.planned = true;
      perform(index, node.election.take_over(now_), before);
      node.planned = false;
    } else if (std::holds_alternative<handover::Speak>(step)) {
      perform(index, node.election.speak(), node.election.state());
    } else if (std::holds_alternative<handover::EndSilence>(step)) {
      node.silent = false;
    } else if (std::holds_alternative<handover::LetGo>(step)) {
      node.owns = node.silent = false;
      node.connections.clear();  // those that are left are cut
    } else if (const auto* over = std::get_if<handover::GiveUp>(&step)) {
      if (over->awaited) perform(index, node.election.resume(now_), State::Active);
      perform(index, node.election.give_away(now_), State::Active);
    }
  }
}

void Moves::start(std::size_t index) {
  auto& node = nodes_[index];
  node.election = election::VirtualRouter{parameters(index, interval_)};
  node.transfer = handover::Transfer{kDrain};
  node.alive = true;
  // What an earlier run left is removed.
  node.owns = node.silent = false;
  node.diverts_to.reset();
  perform(index, node.election.start(now_), State::Initialize);
}

void Moves::crash(std::size_t index) {
  nodes_[index].alive = false;
  break_connections();
}

void Moves::hand_over(std::size_t index) {
  auto& node = nodes_[index];
  handover::Steps steps;
  if (!node.transfer.begin(++next_id_, self(index), now_, steps)) return;
  perform(index, steps);
}

std::optional<std::size_t> Moves::single_active() const {
  if (active(0) == active(1)) return std::nullopt;
  return active(0) ? 0 : 1;
}

bool Moves::clean() const {
  const auto one = single_active();
  return one && nodes_[*one].owns && !nodes_[1 - *one].owns && client_ == one &&
         std::ranges::none_of(nodes_, [](const Node& node) {
           return node.silent || node.diverts_to || node.transfer.holding() ||
                  node.transfer.moving();
         });
}

}  // namespace vrrp::simulation
