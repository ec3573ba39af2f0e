#pragma once

#include "common/address.hpp"
#include "lb/net/asio.hpp"
#include "lb/proxy/protocols.hpp"
#include "lb/proxy/proxy_header.hpp"
#include "lb/proxy/worker_context.hpp"

#include <memory>

namespace lb::proxy {

/// Serves one client connection from now until it ends: heads in, an exchange for each, one after
/// the other, or side by side on streams. `protocols`: what is spoken behind `header`; null: HTTP/1
/// in the clear.
void serve_client(WorkerContext& worker, net::Socket socket, common::IpAddress address,
                  telemetry::ListenerId listener, ProxyHeader header = ProxyHeader::None,
                  std::shared_ptr<const Protocols> protocols = nullptr);

}  // namespace lb::proxy
