#pragma once

#include "lb/discovery/resolver_options.hpp"
#include "lb/upstream/roster.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <vector>

namespace lb::upstream {

/// Looks up every source of endpoints that is not fixed and tells the roster, in one io_context.
class Lookups {
 public:
  Lookups(boost::asio::io_context& context, Roster& roster);
  ~Lookups();

  /// The sources of these upstreams from now on; those that were there before go on as they were,
  /// unless names are resolved otherwise.
  void follow(const std::vector<UpstreamOptions>& upstreams,
              const discovery::ResolverOptions& resolver);
  void stop();

 private:
  struct Lookup;
  boost::asio::io_context& context_;
  Roster& roster_;
  discovery::ResolverOptions resolver_;
  std::vector<std::unique_ptr<Lookup>> lookups_;
};

}  // namespace lb::upstream
