#include "lb/server/worker_load.hpp"

#include "lb/server/worker.hpp"

#include <algorithm>
#include <fcntl.h>
#include <malloc.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace lb::server {
namespace {

constexpr auto kTrimInterval = std::chrono::seconds{1};
/// Connections looked at in one tick when some must go: so many a tick is thousands a second.
constexpr std::size_t kMostLooks = 256;
/// Waiting clients who are told in one pause.
constexpr std::size_t kMostRefused = 64;

constexpr std::string_view kNoRoom =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    "Connection: close\r\n\r\n";

}  // namespace

std::uint64_t memory_limit(const config::Snapshot& snapshot) {
  const auto configured = snapshot.overload.memory.value;
  return configured > 0 ? configured : overload::control_group_memory().value_or(0);
}

net::Descriptor open_reserve() {
  return net::Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

bool Worker::is_full() const {
  const auto& counters = *shared_.counters;
  const auto clients = counters.active_client_connections.value();
  const auto upstream = counters.active_upstream_connections.value() + shared_.pipes.descriptors();
  return shared_.pressure >= overload::Level::Pause ||
         clients >= snapshot_->proxy.limits.connections ||
         overload::needed_descriptors(clients + 1, upstream, descriptors_) > descriptors_;
}

void Worker::look_at_load(common::TimePoint now, common::Duration late) {
  auto& counters = *shared_.counters;
  late = std::max(late, common::Duration::zero());
  counters.loop_lag.add(late);
  counters.loop_lag_us.set(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(late).count()));
  const auto clients = counters.active_client_connections.value();
  shared_.pressure = shedding_.on_load(
      {.memory = memory_->resident(now),
       .memory_limit = memory_limit_,
       .connections = clients,
       .connections_limit = snapshot_->proxy.limits.connections,
       .descriptors = overload::needed_descriptors(
           clients, counters.active_upstream_connections.value() + shared_.pipes.descriptors(),
           descriptors_),
       .descriptors_limit = descriptors_,
       .lag = standing_lag_.on_tick(late, now),
       .lag_limit = snapshot_->overload.loop_lag},
      now);
  counters.overload_level.set(static_cast<std::uint64_t>(shared_.pressure));
  if (shared_.pressure == overload::Level::Calm) return;
  shed_idle(now);
  if (now < next_trim_) return;
  // What connections gave back, the allocator keeps: the system would still count it as ours.
  next_trim_ = now + kTrimInterval;
  ::malloc_trim(0);
}

/// Those that have not been looked at for the longest time first.
void Worker::shed_idle(common::TimePoint now) {
  auto& sessions = shared_.sessions;
  const auto looks =
      std::min<std::uint64_t>(kMostLooks, shared_.counters->active_client_connections.value());
  for (std::uint64_t i = 0; i < looks && !sessions.empty(); ++i) {
    auto& session = sessions.front();
    session.unlink();
    sessions.push_back(session);
    if (session.on_pressure(now)) shared_.counters->shed_idle.add();
  }
}

void Worker::refuse_waiting(net::Acceptor& acceptor) {
  for (std::size_t i = 0; i < kMostRefused && reserve_; ++i) {
    reserve_ = {};
    const int client =
        ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client >= 0) {
      ::send(client, kNoRoom.data(), kNoRoom.size(), MSG_NOSIGNAL);
      ::shutdown(client, SHUT_WR);
      net::Descriptor{client};
      shared_.counters->add(telemetry::Rejected::Descriptors);
    }
    reserve_ = open_reserve();
    if (client < 0) break;
  }
  if (!reserve_) reserve_ = open_reserve();
}

}  // namespace lb::server
