#pragma once

#include "lb/net/pieces.hpp"

#include <boost/system/error_code.hpp>

namespace lb::net {

/// Sends what `socket` takes at once, and never blocks, whatever the socket's own mode, so that no
/// call is spent on setting it. Pieces may be left. `last`: an end follows at once, and one packet
/// may tell of both.
boost::system::error_code send_now(int socket, Pieces& pieces, bool last);

}  // namespace lb::net
