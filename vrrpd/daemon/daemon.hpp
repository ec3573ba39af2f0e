#pragma once

#include "common/result.hpp"
#include "vrrpd/daemon/router_options.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace vrrp::daemon {

/// All Virtual Routers of this host and the operator's door: /metrics, /status, /healthz.
class Daemon {
 public:
  Daemon(boost::asio::io_context& context, const Options& options);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Throws what the person who starts it must read. An interface that is absent or down is no
  /// fault: it may come.
  void start();
  /// Every Active router resigns (priority 0 first, then the addresses go); nothing is left to wait
  /// for.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vrrp::daemon
