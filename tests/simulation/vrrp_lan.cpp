#include "tests/simulation/vrrp_lan.hpp"

#include "vrrpd/election/timers.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace vrrp::simulation {

using namespace election;

Lan::Lan(std::uint32_t seed, const std::vector<Parameters>& routers, std::size_t networks)
    : random_{seed}, clients_(networks) {
  for (const auto& parameters : routers) nodes_.emplace_back(parameters, networks);
}

TimePoint Lan::RouterClock::read(TimePoint now) const {
  return now + ahead + (now - kStart) * gains / 1'000'000;
}

TimePoint Lan::RouterClock::reaches(TimePoint reading) const {
  if (reading == TimePoint::max()) return reading;
  if (reading <= read(kStart)) return kStart;
  const auto passed = reading - read(kStart);
  auto moment = kStart + passed - passed * gains / (1'000'000 + gains);
  while (read(moment) < reading) ++moment;  // rounding: at most a few
  return moment;
}

void Lan::run_for(Duration time) {
  const auto end = now_ + time;
  while (step(end)) {
  }
}

bool Lan::run_until(const std::function<bool()>& holds, Duration time) {
  const auto end = now_ + time;
  while (!holds())
    if (!step(end)) return holds();
  return true;
}

/// To the next thing that happens; false when that is after `end`, the time then being `end`.
bool Lan::step(TimePoint end) {
  auto next = under_way_.empty() ? TimePoint::max() : under_way_.top().at;
  std::optional<std::size_t> waking;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (const auto at = wakes_at(nodes_[i]); at < next) {
      next = at;
      waking = i;
    }
  if (next > end) {
    now_ = end;
    record();
    return false;
  }
  steps_at_once_ = next > now_ ? 0 : steps_at_once_ + 1;
  if (steps_at_once_ > kMostStepsAtOnce) throw std::runtime_error{"time stands still"};
  now_ = std::max(now_, next);
  if (waking) {
    wake(*waking);
  } else {
    const auto delivery = under_way_.top();
    under_way_.pop();
    deliver(delivery);
  }
  record();
  return true;
}

TimePoint Lan::wakes_at(const Node& node) const {
  if (!node.alive && !node.leaving) return TimePoint::max();
  const auto wanted = node.arrived.empty() ? node.clock.reaches(node.router.next_deadline()) : now_;
  return wanted == TimePoint::max() ? wanted : std::max({wanted, node.stalled_until, now_});
}

/// As the driver does: first everything that has arrived, by its time of arrival, then the
/// deadline.
void Lan::wake(std::size_t index) {
  auto& node = nodes_[index];
  while (!node.arrived.empty()) {
    const auto packet = node.arrived.front();
    node.arrived.pop_front();
    hear(index, packet);
  }
  perform(index, node.router.on_deadline(node.clock.read(now_)));
  if (node.leaving && !node.router.holding()) kill(index);
}

void Lan::hear(std::size_t index, const Packet& packet) {
  auto& node = nodes_[index];
  if (!packet.word) return perform(index, node.router.on_rival_claim(packet.arrived_at));
  auto heard = *packet.word;
  // On every other network the addresses are the other way round.
  heard.from_greater_address = (packet.from > index) != (packet.network % 2 == 1);
  heard = node.group.on_advertisement(
      packet.network, heard, active_down_interval({1}, node.parameters.advertisement_interval),
      packet.arrived_at);
  perform(index, node.router.on_advertisement(heard, packet.arrived_at));
}

void Lan::deliver(const Delivery& delivery) {
  if (delivery.to == kClient) {
    clients_[delivery.network] = delivery.from;
    return;
  }
  auto& node = nodes_[delivery.to];
  if (node.alive || node.leaving)
    node.arrived.push_back({delivery.network, delivery.from, delivery.word, node.clock.read(now_)});
}

void Lan::perform(std::size_t index, const Actions& actions) {
  auto& node = nodes_[index];
  for (const auto& action : actions) {
    if (const auto* advertisement = std::get_if<SendAdvertisement>(&action)) {
      for (std::size_t network = 0; network < clients_.size(); ++network)
        for (std::size_t to = 0; to < nodes_.size(); ++to)
          if (to != index)
            send(network, index, to,
                 Heard{advertisement->priority, node.parameters.advertisement_interval, false});
    } else if (std::holds_alternative<Announce>(action)) {
      ++node.announcements;
      for (std::size_t network = 0; network < clients_.size(); ++network) {
        send(network, index, kClient, std::nullopt);
        for (std::size_t to = 0; to < nodes_.size(); ++to)
          if (to != index) send(network, index, to, std::nullopt);
      }
    } else {
      node.owns = std::holds_alternative<TakeAddresses>(action);
    }
  }
}

void Lan::send(std::size_t network, std::size_t from, std::size_t to, const Word& word) {
  const int side = to == kClient ? 0 : nodes_[to].side;
  if (nodes_[from].side != side || cuts_.contains({network, from, to})) return;
  const auto share = [this] { return std::uniform_real_distribution<>{0, 1}(random_); };
  if (word && share() < weather.loss) return;
  const auto delay = std::chrono::duration_cast<Duration>(weather.longest_delay * share());
  auto at = now_ + delay;
  if (!weather.reorders) at = std::max(at, last_arrival_[{network, from, to}]);
  last_arrival_[{network, from, to}] = at;
  under_way_.push({at, sent_++, network, to, from, word});
}

void Lan::start(std::size_t index) {
  auto& node = nodes_[index];
  node.router = VirtualRouter{node.parameters};
  node.group = SyncGroup{clients_.size()};
  node.alive = true;
  node.leaving = false;
  node.owns = false;  // an address left behind is removed at the start
  node.stalled_until = now_;
  node.arrived.clear();
  if (!node.fit) node.router.on_priority(kResigning, node.clock.read(now_));
  perform(index, node.router.start(node.clock.read(now_)));
  record();
}

void Lan::kill(std::size_t index) {
  auto& node = nodes_[index];
  node.alive = node.leaving = node.owns = false;
  record();
}

void Lan::stop(std::size_t index) {
  auto& node = nodes_[index];
  node.alive = false;
  node.leaving = true;
  perform(index, node.router.stop(node.clock.read(now_)));
  if (!node.router.holding()) kill(index);
  record();
}

void Lan::stall(std::size_t index, Duration time) { nodes_[index].stalled_until = now_ + time; }

void Lan::set_fit(std::size_t index, bool fit) {
  auto& node = nodes_[index];
  node.fit = fit;
  if (node.alive && now_ >= node.stalled_until)
    perform(index, node.router.on_priority(fit ? node.parameters.priority : kResigning,
                                           node.clock.read(now_)));
  record();
}

void Lan::partition(std::vector<int> groups) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].side = groups[i];
}

void Lan::forge(Heard heard) {
  for (std::size_t to = 0; to < nodes_.size(); ++to)
    under_way_.push({now_, sent_++, 0, to, nodes_.size(), heard});
}

std::size_t Lan::living() const {
  return static_cast<std::size_t>(std::ranges::count(nodes_, true, &Node::alive));
}

std::vector<std::size_t> Lan::owners() const {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i].owns) all.push_back(i);
  return all;
}

std::optional<std::size_t> Lan::best() const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto& node = nodes_[i];
    if (!node.alive || !node.fit) continue;
    if (!best || node.parameters.priority >= nodes_[*best].parameters.priority) best = i;
  }
  return best;
}

/// Between two calls the number of owners is what it was at the first.
void Lan::record() {
  if (owners_before_ != 0) without_since_ = now_;
  if (owners_before_ <= 1) several_since_ = now_;
  longest_without_ = std::max(longest_without_, now_ - without_since_);
  longest_several_ = std::max(longest_several_, now_ - several_since_);
  if (!misled_before_) misled_since_ = now_;
  longest_misled_ = std::max(longest_misled_, now_ - misled_since_);
  misled_before_ = std::ranges::any_of(
      clients_, [this](const auto& client) { return !client || !nodes_[*client].owns; });
  owners_before_ = owners().size();
}

void Lan::forget_records() {
  without_since_ = several_since_ = misled_since_ = now_;
  longest_without_ = longest_several_ = longest_misled_ = {};
}

}  // namespace vrrp::simulation
