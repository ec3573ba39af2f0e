#include "lb/server/listeners.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace lb::server {
namespace {

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

/// Sockets of one address for all workers. Whatever was inherited is served by somebody:
/// connections already wait in it.
common::Result<Listener> Listeners::open(const net::ListenerOptions& options,
                                         std::vector<InheritedSocket> inherited) const {
  Listener listener{.id = next_id(),
                    .options = std::make_shared<const net::ListenerOptions>(options),
                    .address = options.address,
                    .sockets = {}};
  for (auto& one : inherited) {
    listener.ours = listener.ours && one.ours;
    net::set_backlog(one.socket, options.backlog);
    listener.sockets.push_back(std::move(one.socket));
  }
  if (listener.sockets.empty()) {
    auto first = net::open_listener(options);
    if (!first) return first.error();
    listener.sockets.push_back(std::move(*first));
  }
  const auto address = net::listening_address(listener.sockets.front());
  if (!address) return address.error();
  listener.address = *address;

  auto another = options;
  another.address = *address;  // all workers share the port that the kernel chose
  const auto given = listener.sockets.size();
  const bool opens_more = net::shares_port(listener.sockets.front());
  while (listener.sockets.size() < workers_) {
    auto more = opens_more ? net::open_listener(another)
                           : net::duplicate(listener.sockets[listener.sockets.size() % given]);
    if (!more) return more.error();
    listener.sockets.push_back(std::move(*more));
  }
  return listener;
}

ListenerChange Listeners::plan(const std::vector<net::ListenerOptions>& wanted,
                               InheritedSockets& inherited) const {
  ListenerChange change;
  for (const auto& listener : all_) change.closed.push_back(listener.id);
  // Whose port is fixed chooses first, so that port 0 does not take what is somebody else's.
  std::vector<std::vector<InheritedSocket>> given(wanted.size());
  for (const bool fixed : {true, false})
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if ((wanted[i].address.port != 0) == fixed) given[i] = inherited.take(wanted[i].address);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& options = wanted[i];
    const auto stays = std::find_if(all_.begin(), all_.end(), [&](const Listener& listener) {
      const auto& left = change.closed;
      return listener.options->address == options.address &&
             std::find(left.begin(), left.end(), listener.id) != left.end();
    });
    if (stays != all_.end()) {
      std::erase(change.closed, stays->id);
      change.kept.push_back({stays->id, std::make_shared<const net::ListenerOptions>(options)});
      continue;
    }
    auto opened = open(options, std::move(given[i]));
    if (opened)
      change.opened.push_back(std::move(*opened));
    else
      change.faults.push_back("cannot listen on " + options.address.to_string() + ": " +
                              opened.error().message());
  }
  return change;
}

std::vector<Listener> Listeners::make(ListenerChange change) {
  std::vector<Listener> closed;
  for (auto& listener : all_) {
    if (std::find(change.closed.begin(), change.closed.end(), listener.id) != change.closed.end())
      closed.push_back(std::move(listener));
  }
  std::erase_if(all_, [](const Listener& listener) { return listener.sockets.empty(); });
  for (auto& kept : change.kept) {
    const auto listener = std::find_if(all_.begin(), all_.end(),
                                       [&](const Listener& one) { return one.id == kept.id; });
    if (kept.options->backlog != listener->options->backlog)
      for (const auto& socket : listener->sockets) net::set_backlog(socket, kept.options->backlog);
    listener->options = std::move(kept.options);
  }
  for (auto& opened : change.opened) all_.push_back(std::move(opened));
  return closed;
}

std::vector<Listener> Listeners::take_all() { return std::exchange(all_, {}); }

}  // namespace lb::server
