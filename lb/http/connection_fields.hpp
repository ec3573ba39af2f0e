#pragma once

#include "lb/http/message.hpp"

namespace lb::http {

/// What a message says about its connection (RFC 9110 §7.6.1).
struct ConnectionOptions {
  bool close{false};
  bool keep_alive{false};
  bool upgrade{false};
};

/// Marks every field that concerns this hop only: those that always do, and those that `Connection`
/// names, but never one an endpoint relies on (Host, Authorization, Cookie, framing, what we
/// forward about the client): a stranger must not be able to strip those.
ConnectionOptions mark_connection_specific(Fields& fields);

/// Whether an endpoint may be asked for this protocol (`name [ "/" version ]`) by Upgrade: not for
/// another version of HTTP and not for TLS, whose connections would be the client's alone.
bool may_be_upgraded_to(std::string_view protocol);

}  // namespace lb::http
