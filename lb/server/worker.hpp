#pragma once

#include "lb/config/snapshot.hpp"
#include "lb/overload/memory_watch.hpp"
#include "lb/proxy/protocols.hpp"
#include "lb/proxy/worker_context.hpp"
#include "lb/telemetry/outputs.hpp"
#include "lb/telemetry/recent_errors.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace lb::server {

/// How a listening socket is left.
enum class Parting : std::uint8_t {
  Close,     // nobody else serves it: clients who wait in it are served first
  HandOver,  // somebody else goes on serving it, clients who wait in it included
};

/// One thread with its own event loop, listening sockets, sessions and warm connections. Others
/// speak to it only by `post`ed values.
class Worker {
 public:
  /// What all workers have in common.
  struct Common {
    std::shared_ptr<const config::Snapshot> snapshot;
    std::shared_ptr<const telemetry::Series> series;  // of this snapshot
    struct Upstream {
      std::shared_ptr<upstream::PlaceQueue> queue;
      std::shared_ptr<const upstream::RosterView> view;
    };
    std::vector<Upstream> upstreams;  // in their order
    /// Called from the worker's thread.
    std::function<void(const std::string& upstream, std::string_view endpoint,
                       health::PassiveEvent event)>
        on_passive;
    telemetry::Outputs outputs;
    std::shared_ptr<telemetry::RecentErrors> recent_errors;  // null: nobody looks
    std::shared_ptr<overload::ClientTable> clients;
    std::shared_ptr<overload::MemoryWatch> memory;
    std::size_t descriptors{0};  // each worker may use
  };
  /// May throw std::system_error (access log). `on_empty` is called once, from the worker's thread,
  /// when it has nothing left to do after `stop_accepting`.
  Worker(std::size_t number, const Common& common,
         std::shared_ptr<telemetry::WorkerCounters> counters, std::function<void()> on_empty);
  ~Worker();

  void start();

  // From any thread:
  /// Another configuration. What is under way ends by the old one; upstreams that keep their names
  /// stay as they are, with their connections and who waits there.
  void install(Common common);
  /// The endpoints of an upstream from now on.
  void apply(const std::string& upstream, std::shared_ptr<const upstream::RosterView> view);
  /// Accepts from `socket`, too. `listener` names it for the two below.
  void listen(std::uint64_t listener, std::shared_ptr<const net::ListenerOptions> options,
              net::Descriptor socket);
  void change_listener(std::uint64_t listener, std::shared_ptr<const net::ListenerOptions> options);
  /// Whoever has connected there is served to the end of his exchange.
  void leave_listener(std::uint64_t listener, Parting parting);
  /// Serves as ever, but every answer ends its connection; those of HTTP/2 are told at once.
  void offer_close();
  /// Until then alone; a time that has passed ends it.
  void offer_close_until(common::TimePoint end);
  /// How its sessions are, `most` of them in full: `seen` is called from the worker's thread, or
  /// never, if that has ended.
  void look(std::size_t most, std::function<void(proxy::SessionsView)> seen);
  /// Ends idle connections, tells the others with their next answer; empty as soon as no listener
  /// and no connection is left.
  void finish();
  /// Cuts what is left.
  void cut();

 private:
  struct Intake;

  void serve(net::Socket&& socket, const net::asio::ip::tcp::endpoint& peer, const Intake& intake);
  std::shared_ptr<const proxy::Protocols> protocols_of(const net::ListenerOptions& options) const;
  telemetry::ListenerId series_of(const net::ListenerOptions& options) const;
  void end_connections(telemetry::ListenerId series);
  void empty_backlog(Intake& intake);
  net::Awaitable<> accept(std::shared_ptr<Intake> intake);
  net::Awaitable<> retire(std::shared_ptr<Intake> intake);
  net::Awaitable<> tick();
  void run();
  void begin_offer();

  // worker_load.cpp
  /// Looks at what can run out, and lets go. `late`: how long after its time the tick came.
  void look_at_load(common::TimePoint now, common::Duration late);
  void shed_idle(common::TimePoint now);
  bool is_full() const;
  /// Tells clients that wait in vain for a descriptor, by the one kept for it.
  void refuse_waiting(net::Acceptor& acceptor);

  std::shared_ptr<const config::Snapshot> snapshot_;
  std::function<void()> on_empty_;
  net::asio::io_context context_;
  proxy::WorkerContext shared_;
  std::vector<std::shared_ptr<Intake>> intakes_;
  net::Timer tick_timer_;
  bool offers_for_good_{false};
  common::TimePoint offer_ends_{common::TimePoint::max()};  // max: none that ends
  std::shared_ptr<overload::MemoryWatch> memory_;
  std::uint64_t memory_limit_;
  std::size_t descriptors_;
  overload::Shedding shedding_;
  overload::StandingLag standing_lag_;
  common::TimePoint next_trim_{};
  net::Descriptor reserve_;  // gives one client a word when there are no others
  std::thread thread_;
};

}  // namespace lb::server
