#pragma once

#include "lb/proxy/worker_context.hpp"
#include "tests/simulation/proxy_wire.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <vector>

namespace simulation {

/// The real proxy of one worker on an event loop that only moves when it is told to, and on a clock
/// that jumps: what waits for a deadline meets it at the next `pass_time()`, so a stall of an hour
/// costs nothing.
class Stage {
 public:
  /// `endpoints`: ports on 127.0.0.1.
  explicit Stage(const std::vector<std::uint16_t>& endpoints);
  ~Stage();

  /// A client's new connection; the session that serves it has begun.
  Wire connect();
  /// Runs what can run; false when there was nothing.
  bool run();
  /// Every deadline that anything waits for now passes.
  void pass_time();
  /// Gives up the warm connections to endpoints.
  void close_idle();

  std::size_t sessions() const;
  /// Buffers that are in somebody's hands.
  std::size_t buffers_lent() const;
  /// Exchanges that hold a place at an endpoint.
  std::size_t in_flight() const;

 private:
  common::TimePoint now_{common::Clock::now()};
  Door door_;
  lb::upstream::RosterView endpoints_;
  boost::asio::io_context context_;
  lb::proxy::WorkerContext worker_;
};

}  // namespace simulation
