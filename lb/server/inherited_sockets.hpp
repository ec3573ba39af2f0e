#pragma once

#include "common/admin_address.hpp"
#include "lb/net/descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lb::server {

/// A listening socket that was open when we started.
struct InheritedSocket {
  std::string name;  // LISTEN_FDNAMES
  net::Descriptor socket;
  bool ours{false};  // handed over by the lbd before us, who does not hold it any longer
};

/// Descriptors handed to this process by systemd's socket activation (sd_listen_fds(3): LISTEN_FDS,
/// LISTEN_PID, LISTEN_FDNAMES), which is also how one lbd hands its sockets to the next.
class InheritedSockets {
 public:
  // Names that lbd gives to what it hands over: ours, or what systemd holds.
  static constexpr std::string_view kListener = "listener";
  static constexpr std::string_view kOurListener = "lbd";
  static constexpr std::string_view kAdmin = "admin";
  static constexpr std::string_view kOurAdmin = "lbd-admin";
  static constexpr std::string_view kReady = "lbd-ready";
  static constexpr std::string_view kEndpoints = "lbd-endpoints";  // a file, see succession.hpp

  InheritedSockets() = default;
  /// Call before threads are started: takes the variables out of the environment.
  static InheritedSockets from_environment();

  bool empty() const { return all_.empty(); }
  /// Those bound to `address`; for port 0, those of the first port on that IP address.
  std::vector<InheritedSocket> take(const common::SocketAddress& address);
  std::optional<InheritedSocket> take_named(std::string_view name);
  /// The operator's door, when it stands at `address`; port 0 stands for any.
  std::optional<InheritedSocket> take_admin(const common::AdminAddress& address);
  /// What nobody asked for, to be named in the log; closed.
  std::vector<std::string> drop_rest();

 private:
  std::vector<InheritedSocket> all_;
};

}  // namespace lb::server
