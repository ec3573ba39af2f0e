#pragma once

#include "common/address.hpp"
#include "lb/net/asio.hpp"
#include "lb/proxy/worker_context.hpp"

namespace lb::proxy {

/// Serves one client connection until it ends: heads in, an exchange for each, one after the other.
net::Awaitable<> serve_client(WorkerContext& worker, net::Socket socket, common::IpAddress address,
                              telemetry::ListenerId listener);

}  // namespace lb::proxy
