#include "common/log.hpp"
#include "lb/server/server_impl.hpp"

#include <utility>

namespace lb::server {
namespace {

constexpr common::Log kLog{"lb.server"};

}  // namespace

/// Not ready first, and each answer the last on its connection; then no new connections; then, at
/// the deadline, the end.
void Server::Impl::drain() {
  if (draining) return;
  draining = true;
  kLog.info("draining", {{"grace_ms", snapshot->drain.grace.count()}});
  common::notify_stopping();
  for (const auto& worker : workers) worker->offer_close();
  drain_timer.expires_after(snapshot->drain.grace);
  drain_timer.async_wait([this](boost::system::error_code aborted) {
    if (aborted || cutting) return;
    leave_listeners();
    finish();
  });
}

void Server::Impl::leave_listeners() {
  for (auto& listener : listeners->take_all()) stop_listening(std::move(listener), Parting::Close);
}

void Server::Impl::finish() {
  for (const auto& worker : workers) worker->finish();
  drain_timer.expires_after(snapshot->drain.deadline);
  drain_timer.async_wait([this](boost::system::error_code stopped) {
    if (!stopped) cut();
  });
}

void Server::Impl::cut() {
  if (cutting || working == 0) return;
  cutting = true;
  kLog.warn("drain deadline passed, cutting what is left");
  leave_listeners();
  for (const auto& worker : workers) worker->cut();
}

void Server::Impl::on_worker_empty() {
  if (--working > 0) return;
  kLog.info("drained");
  control.stop();
}

}  // namespace lb::server
