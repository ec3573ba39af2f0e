#pragma once

#include "app/notify/notify_options.hpp"
#include "common/metrics.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>

#include <string>
#include <string_view>

namespace booking::notify {

/// Empties the outbox: takes messages by lease, sends them, notes what came of it. Many may run, on
/// as many nodes.
class Sender {
 public:
  Sender(store::Store& store, const NotifyOptions& options, common::Metrics& metrics);

  /// Runs until its io_context stops.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<void> send(const store::Message& message);
  void count(store::Channel channel, std::string_view result, double more);
  /// How much waits, and how long, for whoever watches.
  boost::asio::awaitable<void> look();

  store::Store& store_;
  const NotifyOptions& options_;
  prometheus::Family<prometheus::Counter>& messages_;
  prometheus::Gauge& waiting_;
  prometheus::Gauge& oldest_;
  const std::string owner_;
  boost::asio::thread_pool pool_{1};
};

}  // namespace booking::notify
