#pragma once

#include "common/address.hpp"
#include "common/result.hpp"
#include "lb/net/asio.hpp"
#include "lb/net/descriptor.hpp"

#include <string>
#include <vector>

namespace lb::net {

/// Who connects with a header of the PROXY protocol in front.
struct ProxyHeaderOptions {
  std::vector<common::PrefixedAddress> from;  // nobody: the protocol is not spoken
  bool required{true};                        // of everybody; else only those of `from` may

  bool operator==(const ProxyHeaderOptions&) const = default;
};

struct ListenerOptions {
  std::string name;  // in metrics and logs
  common::SocketAddress address{common::IpAddress{}, 80};
  int backlog{4096};  // the kernel cuts it to net.core.somaxconn
  ProxyHeaderOptions proxy_header;

  bool operator==(const ListenerOptions&) const = default;
};

/// A listening socket; all workers have one each on the same address (SO_REUSEPORT) and the kernel
/// spreads connections over them.
common::Result<Descriptor> open_listener(const ListenerOptions& options);

/// What a listening socket is bound to; an error for anything that is not a listening TCP socket.
common::Result<common::SocketAddress> listening_address(const Descriptor& socket);
/// Whether more sockets may be opened on its address.
bool shares_port(const Descriptor& socket);
/// Another descriptor of the same socket.
common::Result<Descriptor> duplicate(const Descriptor& socket);
/// Changes how many connections may wait; works while it listens.
void set_backlog(const Descriptor& socket, int backlog);

/// Begins no more connections at this socket, for whoever holds it, but completes those whose
/// handshake is under way: a plain close would reset them. Cannot be taken back.
void refuse_new_connections(const Descriptor& socket);

/// Brings a listening socket into an event loop, from that loop's thread.
common::Result<Acceptor> adopt_listener(const Executor& executor, Descriptor socket);
/// Takes it out again. A plain close would leave it in the epoll set as long as anybody, like a
/// process it was handed to, has it open.
void leave_listener(Acceptor& acceptor);

/// Accepting failed because the process or the system has no more descriptors or memory: it makes
/// no sense to try again at once.
bool is_exhaustion(const boost::system::error_code& error);

}  // namespace lb::net
