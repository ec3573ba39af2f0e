#pragma once

#include "common/result.hpp"
#include "vrrpd/daemon/router_options.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace vrrp::programs {
class Runner;
}

namespace vrrp::daemon {

/// All Virtual Routers of this host and the operator's door: /metrics, /status, /healthz.
class Daemon {
 public:
  /// `programs` runs what the configuration names; null when there is nothing to run.
  Daemon(boost::asio::io_context& context, const Options& options, programs::Runner* programs);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Throws what the person who starts it must read. An interface that is absent or down is no
  /// fault: it may come.
  void start();
  /// Takes other options into use without a transition of what stays the same; or nothing of them,
  /// and says why: a sentence each.
  std::vector<std::string> reload(const Options& options);
  /// Every Active router resigns and serves until a successor has spoken; `on_stopped` is called
  /// when the last has let go of its addresses, at the latest after a few advertisement intervals.
  void stop(std::function<void()> on_stopped);
  /// Does not wait for successors any longer.
  void abort();
  /// The process is to end as it is, addresses in place, and the next run to go on: the sentence
  /// when that would break a move.
  common::Result<void, std::string> make_way();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vrrp::daemon
