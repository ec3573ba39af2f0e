#pragma once

#include "lb/net/stream.hpp"
#include "lb/tls/connection.hpp"

namespace lb::tls {

/// Comes to the end of the handshake of `connection`, which `stream` has put on. False when it
/// failed; when the wait for the other side was cancelled, as `Failure::Closed` says, too.
/// `is_new`: the other side speaks first, and its connection was accepted in this very turn of the
/// loop, so that the kernel's word of what has come already is still to come.
net::Awaitable<bool> shake_hands(net::Stream& stream, Connection& connection, bool is_new = false);

}  // namespace lb::tls
