#include "lb/upstream/upstream.hpp"

#include "lb/balancing/hash.hpp"

#include <algorithm>
#include <utility>

namespace lb::upstream {

using balancing::EndpointSet;
using common::Clock;
using common::TimePoint;

namespace {

/// Stands in line until it is left or destroyed; a place that was granted and not taken goes back.
class InLine {
 public:
  InLine(PlaceQueue& queue, net::Executor executor, std::uint8_t priority)
      : queue_{queue}, request_{std::make_shared<QueuedRequest>(executor, priority)} {}
  ~InLine() {
    if (const auto left = leave(); left.granted.endpoint) queue_.give_back(left.granted);
  }
  InLine(const InLine&) = delete;
  InLine& operator=(const InLine&) = delete;

  PlaceQueue::Joined join(std::vector<Place> wanted, std::uint32_t most) {
    return queue_.join(request_, std::move(wanted), most);
  }
  PlaceQueue::Left leave() { return queue_.leave(*request_); }
  const std::shared_ptr<QueuedRequest>& request() const { return request_; }

 private:
  PlaceQueue& queue_;
  std::shared_ptr<QueuedRequest> request_;
};

/// Different for each worker, the same in each run.
std::uint64_t seed_of(std::string_view upstream, std::size_t worker) {
  return balancing::mix(balancing::hash_key(upstream) + worker);
}

}  // namespace

Upstream::Upstream(UpstreamOptions options, std::size_t worker, std::shared_ptr<PlaceQueue> queue)
    : options_{std::move(options)},
      worker_{worker},
      queue_{std::move(queue)},
      balancer_{options_.balance, worker, seed_of(options_.name, worker)},
      budget_{options_.retry.budget} {
  name_in_cookies();
}

Upstream::~Upstream() = default;

void Upstream::configure(UpstreamOptions options) {
  // These live for as long as they are used: what they were made for must still hold. A session
  // would be resumed without another look at the certificate.
  if (options.http2 != options_.http2 || options.tls != options_.tls) close_idle();
  if (options.tls != options_.tls)
    for (const auto slot : taken_) slots_[slot]->session.reset();
  options_ = std::move(options);
  balancer_.configure(options_.balance, Clock::now());
  budget_.configure(options_.retry.budget);
  name_in_cookies();
}

void Upstream::name_in_cookies() {
  sticky_.reset();
  if (!options_.sticky.enabled) return;
  sticky_.emplace(options_.sticky.key, options_.name, options_.sticky.ttl);
  for (const auto slot : taken_) slots_[slot]->sticky_id = sticky_->id_of(slots_[slot]->name);
}

void Upstream::apply(std::shared_ptr<const RosterView> view) {
  const std::span<const EndpointState> states{
      view->data(), std::min<std::size_t>(view->size(), EndpointSet::kMost)};
  EndpointSet staying;
  for (const auto& state : states)
    if (const auto* endpoint = find(state)) staying.add(endpoint->index);
  for (const auto slot : taken_.without(staying)) remove(*slots_[slot]);

  std::vector<balancing::Member> members;
  EndpointSet lost;
  for (const auto& state : states) {
    auto* known = find(state);
    auto& endpoint = known != nullptr ? *known : add(state);
    if (endpoint.usable && !state.usable) lost.add(endpoint.index);
    endpoint.usable = state.usable;
    endpoint.most_connections = state.most_connections;
    members.push_back({.slot = endpoint.index,
                       .id = balancing::hash_key(state.name),
                       .weight = state.weight,
                       .tier = state.tier,
                       .usable = state.usable,
                       .draining = state.draining,
                       .usable_since = state.usable_since,
                       .in_flight = &state.shared->in_flight});
  }
  balancer_.assign(members, Clock::now());
  for (const auto slot : lost) {
    slots_[slot]->idle.clear();
    slots_[slot]->links.leave();
    slots_[slot]->waiters.for_each([](Waiter& waiter) { waiter.on_endpoint_lost(); });
  }
  look_again();
}

/// A name that has moved to another address is another endpoint.
Endpoint* Upstream::find(const EndpointState& state) const {
  for (const auto slot : taken_) {
    auto& endpoint = *slots_[slot];
    if (endpoint.name == state.name && endpoint.address == state.address &&
        endpoint.shared == state.shared)
      return &endpoint;
  }
  return nullptr;
}

Endpoint& Upstream::add(const EndpointState& state) {
  auto endpoint = std::make_unique<Endpoint>();
  endpoint->index = free_slot();
  endpoint->name = state.name;
  endpoint->address = state.address;
  endpoint->shared = state.shared;
  endpoint->counters = &state.shared->by_worker.at(worker_);
  if (sticky_) endpoint->sticky_id = sticky_->id_of(state.name);
  taken_.add(endpoint->index);
  auto& slot = slots_[endpoint->index];
  slot = std::move(endpoint);
  return *slot;
}

/// Slots go round before one is used again: an exchange that remembers what it has tried by slot
/// must not take a new endpoint for an old one.
std::size_t Upstream::free_slot() {
  while (taken_.contains(next_slot_)) next_slot_ = (next_slot_ + 1) % EndpointSet::kMost;
  return std::exchange(next_slot_, (next_slot_ + 1) % EndpointSet::kMost);
}

void Upstream::remove(Endpoint& endpoint) {
  taken_.remove(endpoint.index);
  auto owned = std::move(slots_[endpoint.index]);
  owned->gone = true;
  owned->idle.clear();
  owned->links.leave();
  if (owned->leases > 0) leaving_.push_back(std::move(owned));
}

/// Who may be asked for this request, whether he has a place or not.
EndpointSet Upstream::eligible(const Selector& selector, EndpointSet tried) const {
  if (selector.sticky && sticky_) {
    const auto usable = balancer_.usable().without(tried);
    for (const auto slot : usable) {
      if (slots_[slot]->sticky_id != *selector.sticky) continue;
      EndpointSet only;
      only.add(slot);
      return only;
    }
  }
  return balancer_.candidates(tried);
}

Acquired Upstream::try_acquire(const Selector& selector, EndpointSet tried, TimePoint now) {
  if (tried.empty()) budget_.on_request();
  auto from = eligible(selector, tried);
  if (from.empty()) return {};
  while (!from.empty()) {
    const auto slot =
        from.size() == 1 ? from.first() : balancer_.pick(from, selector.hash, !tried.empty(), now);
    auto& endpoint = *slots_[slot];
    if (take_place(*endpoint.shared, endpoint.most_connections)) {
      ++endpoint.leases;
      return {Lease{*this, endpoint}};
    }
    from.remove(slot);
  }
  return {{}, Unavailable::Busy};
}

net::Awaitable<Acquired> Upstream::wait_for_place(net::Executor executor, const Selector& selector,
                                                  EndpointSet tried, PlaceWait& wait) {
  Acquired acquired;
  InLine line{*queue_, executor, selector.priority};
  const auto until = Clock::now() + options_.queue.timeout;
  wait.cancelled_ = false;
  switch (line.join(places(eligible(selector, tried)), options_.queue.length)) {
    case PlaceQueue::Joined::Full:
      acquired.why = Unavailable::QueueFull;
      co_return acquired;
    case PlaceQueue::Joined::Granted:
      break;
    case PlaceQueue::Joined::Waiting:
      wait.request_ = line.request();
      wait.selector_ = &selector;
      wait.tried_ = tried;
      waits_.push_back(wait);
      line.request()->timer.expires_at(until);
      co_await line.request()->timer.async_wait(net::kToken);
      wait.unlink();
      wait.request_ = nullptr;
  }
  if (wait.cancelled_) {  // a place that came too late goes back with the line
    acquired.why = Unavailable::Cancelled;
    co_return acquired;
  }
  const auto left = line.leave();
  if (left.granted.endpoint) {
    acquired.lease = lease_of(left.granted);
    // Its endpoint left while the news were on their way; there may be a place elsewhere.
    if (!acquired.lease) acquired = try_acquire(selector, tried, Clock::now());
    co_return acquired;
  }
  if (left.displaced) {
    acquired.why = Unavailable::QueueFull;
    co_return acquired;
  }
  acquired.why = Clock::now() >= until ? Unavailable::QueueTimeout : Unavailable::NoEndpoint;
  co_return acquired;
}

std::vector<Place> Upstream::places(EndpointSet endpoints) const {
  std::vector<Place> all;
  for (const auto slot : endpoints)
    all.push_back({slots_[slot]->shared, slots_[slot]->most_connections});
  return all;
}

/// Endpoints have come, gone or changed: those who wait may have somewhere else to go, or nowhere.
void Upstream::look_again() {
  waits_.for_each([this](PlaceWait& wait) {
    const auto from = eligible(*wait.selector_, wait.tried_);
    if (queue_->change(*wait.request_, places(from)) || from.empty()) wait.request_->timer.cancel();
  });
}

/// A place that was taken for us. Nothing when its endpoint has left; then the place is given back.
Lease Upstream::lease_of(const Place& granted) {
  for (const auto slot : taken_) {
    auto& endpoint = *slots_[slot];
    if (endpoint.shared != granted.endpoint) continue;
    ++endpoint.leases;
    return {*this, endpoint};
  }
  queue_->give_back(granted);
  return {};
}

void Lease::end() { upstream_->end(*endpoint_); }

void Upstream::end(Endpoint& endpoint) {
  if (endpoint.most_connections == 0)
    endpoint.shared->in_flight.fetch_sub(1, std::memory_order_relaxed);
  else
    queue_->give_back({endpoint.shared, endpoint.most_connections});
  if (--endpoint.leases > 0 || !endpoint.gone) return;
  std::erase_if(leaving_, [&endpoint](const auto& owned) { return owned.get() == &endpoint; });
}

void Upstream::report(Endpoint& endpoint, health::Verdict verdict, common::Duration latency,
                      TimePoint now) {
  using health::Verdict;
  if (verdict == Verdict::Nothing) return;
  auto& failures = endpoint.shared->failures_in_a_row;
  if (verdict == Verdict::Good) {
    // Written only when it changes: the other workers read it, too.
    if (failures.load(std::memory_order_relaxed) > 0) failures.store(0, std::memory_order_relaxed);
  } else {
    const auto most = options_.passive.consecutive_failures;
    const auto count = failures.fetch_add(1, std::memory_order_relaxed) + 1;
    if (most > 0 && count % most == 0 && on_passive_)
      on_passive_(endpoint.name, health::PassiveEvent::ConsecutiveFailures);
  }
  if (endpoint.gone) return;
  if (verdict == Verdict::Good)
    balancer_.on_answer(endpoint.index, latency, now);
  else
    balancer_.on_failure(endpoint.index, latency, now);
}

std::unique_ptr<Connection> Upstream::take_idle(Endpoint& endpoint, TimePoint now,
                                                common::Duration most_idle) {
  while (!endpoint.idle.empty()) {
    auto connection = std::move(endpoint.idle.back());
    endpoint.idle.pop_back();
    if (now - connection->idle_since > most_idle) {
      endpoint.idle.clear();  // the others have idled longer still
      return nullptr;
    }
    // What has arrived on an idle connection is its end, or an answer nobody asked for: to hand
    // either to the next client would be wrong.
    if (connection->stream.is_quiet()) return connection;
  }
  return nullptr;
}

std::unique_ptr<Connection> Upstream::share(Endpoint& endpoint, LinkHome home) {
  return endpoint.links.take_any(options_.http2.connections, [&] {
    if (options_.tls && !endpoint.session) endpoint.session = std::make_shared<tls::SessionSlot>();
    home.endpoint = endpoint.counters;
    home.owner = endpoint.shared;
    return Http2Link::open(std::move(home), {.address = endpoint.address,
                                             .options = options_.http2,
                                             .tls = options_.tls,
                                             .session = endpoint.session,
                                             .connect_timeout = options_.connect_timeout});
  });
}

void Upstream::keep(Endpoint& endpoint, std::unique_ptr<Connection> connection, TimePoint now) {
  if (connection->is_share() || endpoint.gone || !endpoint.usable ||
      connection->secured_by != options_.tls || endpoint.idle.size() >= options_.idle_connections)
    return;
  connection->reused = true;
  connection->idle_since = now;
  endpoint.idle.push_back(std::move(connection));
}

void Upstream::sweep(TimePoint now) {
  for (const auto slot : taken_) {
    auto& idle = slots_[slot]->idle;
    const auto warm = std::find_if(idle.begin(), idle.end(), [&](const auto& connection) {
      return now - connection->idle_since <= options_.idle_timeout;
    });
    idle.erase(idle.begin(), warm);
    slots_[slot]->links.sweep(now - options_.idle_timeout);
  }
}

void Upstream::close_idle() {
  for (const auto slot : taken_) {
    slots_[slot]->idle.clear();
    slots_[slot]->links.leave();
  }
}

}  // namespace lb::upstream
