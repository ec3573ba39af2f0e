#pragma once

#include "lb/discovery/resolver_options.hpp"
#include "lb/upstream/place_queue.hpp"
#include "lb/upstream/prober.hpp"
#include "lb/upstream/roster.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lb::upstream {

/// All endpoints of all upstreams, as the control thread sees them: the roster, and the drivers
/// that tell it what they find. Everything here happens in `context`.
class Fleet {
 public:
  /// `publish` is called with every new list of an upstream; post it to the workers.
  Fleet(boost::asio::io_context& context, std::size_t workers, Roster::Publish publish);
  ~Fleet();

  /// At the start and at every reload. What has not changed goes on as it was. Lists of upstreams
  /// that are new are published before it returns.
  void configure(const std::vector<UpstreamOptions>& upstreams,
                 const discovery::ResolverOptions& resolver);
  /// No more checks and look-ups; the roster stays as it is.
  void stop();

  /// What a worker has seen of an endpoint.
  void on_passive(std::string_view upstream, std::string_view endpoint, health::PassiveEvent event);
  /// Where requests to the upstream wait for a place; one for all workers, over reloads, too.
  std::shared_ptr<PlaceQueue> queue(const std::string& upstream);

  Roster& roster();
  const Roster& roster() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lb::upstream
