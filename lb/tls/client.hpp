#pragma once

#include "lb/tls/connection.hpp"
#include "lb/tls/fault.hpp"
#include "lb/tls/options.hpp"

#include <memory>
#include <string>

namespace lb::tls {

/// TLS towards endpoints of one upstream. Shared by all workers, never changes.
class Client {
 public:
  /// Null when one of `faults` is fatal.
  static std::shared_ptr<const Client> make(ClientOptions options, Faults& faults);
  ~Client();

  const ClientOptions& options() const { return options_; }
  /// `address`: of the endpoint, which its certificate must name when the options name nobody.
  std::unique_ptr<Connection> connect(int socket, const std::string& address,
                                      std::shared_ptr<SessionSlot> slot) const;

 private:
  struct Context;
  Client(ClientOptions options, std::unique_ptr<Context> context);

  ClientOptions options_;
  std::unique_ptr<Context> context_;
};

}  // namespace lb::tls
