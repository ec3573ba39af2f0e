#pragma once

#include "common/admin_layer.hpp"
#include "lb/tls/server.hpp"

#include <functional>
#include <memory>

namespace lb::server {

/// TLS for connections to the operator's door, each by what `server` gives when it comes; while
/// that is null nobody is let in.
common::AdminLayerMaker admin_tls(std::function<std::shared_ptr<tls::Server>()> server);

}  // namespace lb::server
