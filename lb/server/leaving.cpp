#include "common/log.hpp"
#include "lb/server/server_impl.hpp"
#include "lb/server/succession.hpp"

#include <csignal>
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
  upgrade.abandon();  // the successor would stay behind alone
  kLog.info("draining", {{"grace_ms", snapshot->drain.grace.count()}});
  common::notify_stopping();
  admin.refresh();  // whoever watches /readyz hears of it before the first connection is refused
  for (const auto& worker : workers) worker->offer_close();
  drain_timer.expires_after(snapshot->drain.grace);
  drain_timer.async_wait([this](boost::system::error_code aborted) {
    if (aborted || cutting) return;
    leave_listeners(Parting::Close);
    finish();
  });
}

/// Starts the binary on disk; only when it serves do we go. When it does not, nothing has changed.
void Server::Impl::make_way() {
  if (draining || upgrade.under_way()) {
    kLog.warn("no upgrade now", {{"reason", draining ? "draining" : "another is under way"}});
    return;
  }
  std::vector<HandedSocket> handed;
  const auto hand = [&handed](std::string_view name, const net::Descriptor& socket) {
    auto copy = net::duplicate(socket);
    if (copy) handed.push_back({std::string{name}, std::move(*copy)});
    return copy.has_value();
  };
  bool whole = true;
  for (const int number : admin.descriptors()) {
    net::Descriptor socket{number};
    whole = hand(admin_is_ours ? InheritedSockets::kOurAdmin : InheritedSockets::kAdmin, socket) &&
            whole;
    socket.release();
  }
  for (const auto& listener : listeners->all())
    for (const auto& socket : listener.sockets)
      whole = hand(listener.ours ? InheritedSockets::kOurListener : InheritedSockets::kListener,
                   socket) &&
              whole;
  if (!whole) {
    kLog.error("the upgrade failed, serving on", {{"error", "too few descriptors"}});
    return;
  }
  if (auto endpoints = in_memory(endpoints_for_successor(fleet->roster())))
    handed.push_back({std::string{InheritedSockets::kEndpoints}, std::move(endpoints)});
  kLog.info("starting the new binary",
            {{"program", invocation.program}, {"sockets", handed.size()}});
  upgrade.start(invocation, std::move(handed),
                [this](const common::Result<pid_t, std::string>& successor) {
                  if (successor)
                    hand_over(*successor);
                  else
                    kLog.error("the upgrade failed, serving on", {{"error", successor.error()}});
                });
}

/// The successor accepts from the very same sockets: whoever waits in them is served by it.
void Server::Impl::hand_over(int successor) {
  if (draining) {  // told to stop just as it said that it serves
    ::kill(successor, SIGTERM);
    return;
  }
  draining = true;
  kLog.info("handed over, draining",
            {{"successor", successor}, {"grace_ms", snapshot->drain.grace.count()}});
  common::notify_main_process(successor);
  watchdog.reset();
  admin.stop(true);
  leave_listeners(Parting::HandOver);
  for (const auto& worker : workers) worker->offer_close();
  drain_timer.expires_after(snapshot->drain.grace);
  drain_timer.async_wait([this](boost::system::error_code aborted) {
    if (!aborted && !cutting) finish();
  });
}

void Server::Impl::leave_listeners(Parting parting) {
  for (auto& listener : listeners->take_all()) stop_listening(std::move(listener), parting);
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
  leave_listeners(Parting::Close);
  for (const auto& worker : workers) worker->cut();
}

void Server::Impl::on_worker_empty() {
  if (--working > 0) return;
  kLog.info("drained");
  control.stop();
}

}  // namespace lb::server
