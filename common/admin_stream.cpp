#include "common/admin_stream.hpp"

#include "common/admin_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace common {
namespace {

namespace asio = boost::asio;
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
/// A browser that lost us comes back after two seconds.
constexpr std::string_view kGreeting = "retry: 2000\n\n";
constexpr std::string_view kStillHere = ": still here\n\n";

}  // namespace

AdminStreams::Place AdminStreams::take_place(const AdminRoutes::Route& route) {
  if (stopped_ || readers() >= AdminServer::kMostStreams) return nullptr;
  auto& hub = hubs_[&route];
  if (!hub) hub = std::make_shared<Hub>(context_);
  auto place = std::make_shared<Reader>(context_);
  auto events = route.source();
  place->unsent.append(kGreeting).append(events);
  if (route.only_changes && hub->readers.empty()) hub->last = std::move(events);
  hub->readers.push_back(place);
  if (!hub->running) {
    hub->running = true;
    asio::co_spawn(context_, run(hub, route), asio::detached);
  }
  return place;
}

/// Asks the source as long as anybody reads.
asio::awaitable<void> AdminStreams::run(std::shared_ptr<Hub> hub, const AdminRoutes::Route& route) {
  while (!hub->readers.empty()) {
    hub->pause.expires_after(route.interval);
    co_await hub->pause.async_wait(kToken);
    std::erase_if(hub->readers, [](const auto& reader) { return reader.expired(); });
    if (hub->readers.empty()) break;
    const auto events = route.source();
    if (events.empty() || (route.only_changes && events == hub->last)) continue;
    if (route.only_changes) hub->last = events;
    for (const auto& weak : hub->readers) {
      const auto reader = weak.lock();
      reader->dropped = reader->unsent.size() + events.size() > AdminServer::kMostUnsent;
      if (!reader->dropped) reader->unsent += events;
      reader->wake.cancel();
    }
  }
  hub->running = false;
}

asio::awaitable<void> AdminStreams::feed(AdminLink& stream, Place place) {
  while (!stopped_ && !place->dropped) {
    if (place->unsent.empty()) {
      place->wake.expires_after(AdminServer::kHeartbeat);
      const auto [woken] = co_await place->wake.async_wait(kToken);
      if (!woken) place->unsent += kStillHere;
      continue;
    }
    const auto text = std::exchange(place->unsent, {});
    stream.expires_after(AdminServer::kIdleLimit);
    const auto [error, count] = co_await asio::async_write(stream, asio::buffer(text), kToken);
    if (error) co_return;
  }
}

void AdminStreams::stop() {
  stopped_ = true;
  for (const auto& [route, hub] : hubs_)
    for (const auto& weak : hub->readers)
      if (const auto reader = weak.lock()) reader->wake.cancel();
}

void AdminStreams::refresh() {
  for (const auto& [route, hub] : hubs_) hub->pause.cancel();
}

std::size_t AdminStreams::readers() const {
  std::size_t count = 0;
  for (const auto& [route, hub] : hubs_)
    for (const auto& reader : hub->readers) count += reader.expired() ? 0 : 1;
  return count;
}

}  // namespace common
