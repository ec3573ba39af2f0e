#pragma once

#include "lb/discovery/resolver_options.hpp"
#include "lb/discovery/source.hpp"
#include "lb/net/asio.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace lb::discovery {

/// What a source tells, always in its own io_context.
struct Listener {
  std::function<void(std::vector<Found>)> on_found;   // never empty
  std::function<void(std::string reason)> on_failed;  // what was found last still holds
};

/// Looks a name up again and again, as long as its records say that they hold. When one of its
/// questions fails, what that question was answered last goes on to hold.
class DnsWatch {
 public:
  DnsWatch(boost::asio::io_context& context, std::variant<DnsName, SrvName> name,
           ResolverOptions options, Listener listener);
  /// After it nothing is told.
  ~DnsWatch();
  DnsWatch(const DnsWatch&) = delete;
  DnsWatch& operator=(const DnsWatch&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace lb::discovery
