#pragma once

#include "vrrpd/link/descriptor.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vrrp::daemon {

/// systemd's descriptor store (sd_notify(3), FDSTORE=1): what is kept there stays open when this
/// process dies, and the run after it gets it back. Without systemd nothing is kept, and nothing
/// else changes.
class DescriptorStore {
 public:
  /// As FileDescriptorStoreMax= of the unit; systemd closes what is more.
  static constexpr std::size_t kMostKept = 64;

  /// With what an earlier run kept (sd_listen_fds(3): LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES);
  /// takes these variables out of the environment. Once in a process, before there are threads.
  DescriptorStore();

  /// What an earlier run kept under that name; it stays in the store. Nothing the second time.
  std::optional<link::Descriptor> take(const std::string& name);
  /// For the next run, in the place of what had this name; not when kMostKept are there already.
  /// `name`: printable, no colon.
  void keep(const std::string& name, const link::Descriptor& descriptor);
  void forget(const std::string& name);
  /// What nobody took is closed and forgotten.
  void drop_rest();

 private:
  struct Kept {
    std::string name;
    link::Descriptor descriptor;
  };

  std::vector<Kept> inherited_;     // not yet taken
  std::vector<std::string> names_;  // of what is in the store
};

}  // namespace vrrp::daemon
