#pragma once

#include "lb/health/endpoint_health.hpp"
#include "lb/upstream/upstream_options.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace lb::upstream {

/// Asks every endpoint of every upstream whether it is fit, for the whole process, in one
/// io_context, and tells of every change.
class Prober {
 public:
  struct Status {
    std::size_t upstream;
    std::size_t endpoint;
    health::EndpointHealth health;
  };
  /// An endpoint became usable, or ceased to be.
  using OnChange = std::function<void(const Status&)>;

  Prober(boost::asio::io_context& context, const std::vector<UpstreamOptions>& upstreams,
         OnChange on_change);
  ~Prober();
  void stop();

  /// All endpoints in the order of the configuration, those without checks too. Only in the
  /// context.
  const std::vector<Status>& status() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace lb::upstream
