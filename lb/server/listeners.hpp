#pragma once

#include "common/result.hpp"
#include "lb/net/listener.hpp"
#include "lb/server/inherited_sockets.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lb::server {

/// An address clients come in by.
struct Listener {
  std::uint64_t id{0};  // of this process; stays as long as the address does
  std::shared_ptr<const net::ListenerOptions> options;
  common::SocketAddress address;  // in use: where the options say port 0, the kernel has chosen
  bool ours{true};  // else somebody (systemd) goes on holding the sockets after we are gone
  std::vector<net::Descriptor> sockets;  // one for each worker, who has a duplicate of it
};

/// What must be done to come from one set of listeners to another. Holds every new socket, open:
/// when nothing is done with it, nothing has changed.
struct ListenerChange {
  std::vector<Listener> opened;
  struct Kept {
    std::uint64_t id;
    std::shared_ptr<const net::ListenerOptions> options;
  };
  std::vector<Kept> kept;
  std::vector<std::uint64_t> closed;
  std::vector<std::string> faults;  // `cannot listen on 10.0.0.1:80: Permission denied`
};

/// The listening sockets of the process. Control thread only.
class Listeners {
 public:
  explicit Listeners(std::size_t workers) : workers_{workers} {}

  const std::vector<Listener>& all() const { return all_; }

  /// A listener whose configured address stays keeps its sockets; a new one takes what was
  /// `inherited` for its address, or opens its own. Any fault means that the change must not be
  /// made.
  ListenerChange plan(const std::vector<net::ListenerOptions>& wanted,
                      InheritedSockets& inherited) const;
  /// Gives the listeners that are closed now; those opened stand at the end of `all()`.
  std::vector<Listener> make(ListenerChange change);
  /// All of them, for the end.
  std::vector<Listener> take_all();

 private:
  common::Result<Listener> open(const net::ListenerOptions& options,
                                std::vector<InheritedSocket> inherited) const;

  std::size_t workers_;
  std::vector<Listener> all_;
};

}  // namespace lb::server
