#include "lb/upstream/upstream.hpp"

#include <algorithm>
#include <utility>

namespace lb::upstream {

Upstream::Upstream(UpstreamOptions options, std::span<const std::shared_ptr<EndpointShared>> shared,
                   std::size_t worker)
    : options_{std::move(options)}, balancer_{worker} {
  for (std::size_t i = 0; i < options_.endpoints.size(); ++i) {
    auto endpoint = std::make_unique<Endpoint>();
    endpoint->index = i;
    endpoint->name = options_.endpoints[i].to_string();
    endpoint->address = net::to_asio(options_.endpoints[i]);
    endpoint->shared = shared[i];
    endpoint->counters = &shared[i]->by_worker[worker];
    endpoint->idle.reserve(options_.idle_connections);
    endpoints_.push_back(std::move(endpoint));
    usable_.add(i);
  }
}

Endpoint* Upstream::pick(balancing::EndpointSet tried) {
  // Another try does not take a turn: else, of two endpoints of which one dies, every request would
  // meet the dead one first.
  auto another = balancer_;
  auto& turns = tried.empty() ? balancer_ : another;
  const auto index = turns.pick(usable_.without(tried));
  return index ? endpoints_[*index].get() : nullptr;
}

std::unique_ptr<Connection> Upstream::take_idle(Endpoint& endpoint, common::TimePoint now,
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

void Upstream::keep(Endpoint& endpoint, std::unique_ptr<Connection> connection,
                    common::TimePoint now) {
  if (!usable_.contains(endpoint.index) || endpoint.idle.size() >= options_.idle_connections)
    return;
  connection->reused = true;
  connection->idle_since = now;
  endpoint.idle.push_back(std::move(connection));
}

void Upstream::set_usable(std::size_t index, bool usable) {
  if (usable) {
    usable_.add(index);
    return;
  }
  usable_.remove(index);
  auto& endpoint = *endpoints_[index];
  endpoint.idle.clear();
  endpoint.waiters.for_each([](Waiter& waiter) { waiter.on_endpoint_lost(); });
}

void Upstream::sweep(common::TimePoint now) {
  for (const auto& endpoint : endpoints_) {
    auto& idle = endpoint->idle;
    const auto warm = std::find_if(idle.begin(), idle.end(), [&](const auto& connection) {
      return now - connection->idle_since <= options_.idle_timeout;
    });
    idle.erase(idle.begin(), warm);
  }
}

void Upstream::close_idle() {
  for (const auto& endpoint : endpoints_) endpoint->idle.clear();
}

}  // namespace lb::upstream
