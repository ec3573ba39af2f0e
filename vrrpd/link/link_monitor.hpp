#pragma once

#include "vrrpd/link/descriptor.hpp"

namespace vrrp::link {

/// Becomes readable when an interface or an address of this host changes. It says only that
/// something has: the listener looks at the present state, so that a lost or stale event can
/// mislead nobody.
class LinkMonitor {
 public:
  static common::Result<LinkMonitor> open();

  int descriptor() const { return socket_.number(); }
  /// Forgets what has been reported so far. Never waits.
  void drain();

 private:
  explicit LinkMonitor(Descriptor socket) : socket_{std::move(socket)} {}

  Descriptor socket_;
};

}  // namespace vrrp::link
