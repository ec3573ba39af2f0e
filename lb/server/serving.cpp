#include "common/log.hpp"
#include "lb/server/server_impl.hpp"

#include <stdexcept>
#include <utility>

namespace lb::server {
namespace {

constexpr common::Log kLog{"lb.server"};

}  // namespace

/// Clients who come from now on wait until there are workers.
ListenerChange Server::Impl::open_listeners(std::size_t count) {
  listeners.emplace(count);
  auto change = listeners->plan(snapshot->listeners, inherited);
  if (!change.faults.empty()) {
    for (const auto& fault : change.faults)
      kLog.error("a listener cannot be opened", {{"error", fault}});
    throw std::runtime_error{change.faults.front()};
  }
  for (const auto& name : inherited.drop_rest())
    kLog.warn("an inherited socket fits no listener of the configuration", {{"socket", name}});
  return change;
}

/// A worker serves the socket in its place and whatever is left over: clients wait in every one.
void Server::Impl::begin_listening(const Listener& listener) {
  for (std::size_t i = 0; i < listener.sockets.size(); ++i) {
    auto socket = net::duplicate(listener.sockets[i]);
    if (socket)
      workers[i % workers.size()]->listen(listener.id, listener.options, std::move(*socket));
    else
      kLog.error("a worker cannot listen",
                 {{"address", listener.address.to_string()}, {"error", socket.error().message()}});
  }
  kLog.info("listening", {{"address", listener.address.to_string()}, {"workers", workers.size()}});
}

void Server::Impl::change_listeners(ListenerChange change) {
  for (const auto& [id, options] : change.kept)
    for (const auto& worker : workers) worker->change_listener(id, options);
  const auto opened = change.opened.size();
  for (auto& listener : listeners->make(std::move(change))) {
    kLog.info("listening no more", {{"address", listener.address.to_string()}});
    stop_listening(std::move(listener), Parting::Close);
  }
  const auto& all = listeners->all();
  for (auto i = all.size() - opened; i < all.size(); ++i) begin_listening(all[i]);
}

void Server::Impl::stop_listening(Listener listener, Parting parting) {
  if (!listener.ours) parting = Parting::HandOver;
  if (parting == Parting::Close)
    for (const auto& socket : listener.sockets) net::refuse_new_connections(socket);
  listener.sockets.clear();  // the workers hold the last descriptors
  for (const auto& worker : workers) worker->leave_listener(listener.id, parting);
}

/// Not ready: new traffic had better go elsewhere. Says why, a line a reason.
common::AdminAnswer Server::Impl::readiness() const {
  std::string reasons;
  if (draining) reasons += "draining\n";
  for (const auto& upstream : fleet->roster().status()) {
    if (!upstream.required || fleet->roster().has_usable(upstream.name)) continue;
    reasons.append("upstream ").append(upstream.name).append(" has no usable endpoint:");
    for (const auto& [state, reason] : upstream.why_out())
      reasons.append(" ").append(state).append(" (").append(reason).append(")");
    reasons.append("\n");
  }
  if (reasons.empty()) return {200, "text/plain; charset=utf-8", "ready\n"};
  return {503, "text/plain; charset=utf-8", std::move(reasons)};
}

}  // namespace lb::server
