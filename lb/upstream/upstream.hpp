#pragma once

#include "lb/balancing/round_robin.hpp"
#include "lb/upstream/endpoint.hpp"
#include "lb/upstream/roster_view.hpp"
#include "lb/upstream/upstream_options.hpp"

#include <span>

namespace lb::upstream {

/// The endpoints of one upstream for one worker: which are usable, whose turn it is, and the
/// connections kept warm.
class Upstream {
 public:
  /// `shared`: one for each endpoint, in their order. `worker` sets which endpoint is first.
  Upstream(UpstreamOptions options, std::span<const std::shared_ptr<EndpointShared>> shared,
           std::size_t worker);

  const UpstreamOptions& options() const { return options_; }
  bool has_usable() const { return !usable_.empty(); }

  /// The endpoint whose turn it is among the usable ones that are not in `tried`; null when none
  /// is.
  Endpoint* pick(balancing::EndpointSet tried);

  /// A warm connection that is still quiet and has idled no longer than `most_idle`; null when
  /// there is none and a new one must be opened.
  std::unique_ptr<Connection> take_idle(Endpoint& endpoint, common::TimePoint now,
                                        common::Duration most_idle);
  /// Only a connection whose last answer was read to its exact end may be kept.
  void keep(Endpoint& endpoint, std::unique_ptr<Connection> connection, common::TimePoint now);

  /// A verdict of the checks. An endpoint that is lost loses its warm connections, and those who
  /// wait for it are told.
  void set_usable(std::size_t endpoint, bool usable);
  /// Closes what has idled too long; call about every second.
  void sweep(common::TimePoint now);
  void close_idle();

 private:
  UpstreamOptions options_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  balancing::EndpointSet usable_;
  balancing::RoundRobin balancer_;
};

}  // namespace lb::upstream
