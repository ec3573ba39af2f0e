#pragma once

#include "lb/net/stream.hpp"
#include "lb/tls/connection.hpp"

namespace lb::tls {

/// Comes to the end of the handshake of `connection`, which `stream` has put on. False when it
/// failed; when the wait for the other side was cancelled, as `Failure::Closed` says, too.
net::Awaitable<bool> shake_hands(net::Stream& stream, Connection& connection);

}  // namespace lb::tls
