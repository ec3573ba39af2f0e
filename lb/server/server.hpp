#pragma once

#include "lb/config/snapshot.hpp"

#include <memory>

namespace lb::server {

/// The whole daemon: builds workers from a snapshot, checks endpoints, answers the operator, leaves
/// in good order at SIGTERM.
class Server {
 public:
  explicit Server(std::shared_ptr<const config::Snapshot> snapshot);
  ~Server();

  /// Serves until told to stop. Throws when it cannot start (an address in use).
  void run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lb::server
