#pragma once

#include "lb/config/snapshot.hpp"
#include "lb/server/birth.hpp"
#include "lb/server/inherited_sockets.hpp"
#include "lb/server/invocation.hpp"

#include <memory>

namespace lb::server {

/// The whole daemon: builds workers from a snapshot, checks endpoints, answers the operator, makes
/// way for a new binary at SIGUSR2, leaves in good order at SIGTERM.
class Server {
 public:
  Server(std::shared_ptr<const config::Snapshot> snapshot, Invocation invocation,
         InheritedSockets inherited);
  ~Server();

  /// Serves until told to stop, and tells `birth` as soon as it does. Throws when it cannot start
  /// (an address in use).
  void run(Birth& birth);

 private:
  friend class ServerControl;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lb::server
