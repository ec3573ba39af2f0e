#pragma once

#include "common/address.hpp"
#include "lb/net/asio.hpp"
#include "lb/net/listener.hpp"
#include "lb/proxy/worker_context.hpp"
#include "lb/tls/server.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace lb::proxy {

/// What stands in front of the first request.
enum class ProxyHeader : std::uint8_t { None, Optional, Required };

/// Whether a client at `peer` begins with a header of the PROXY protocol; nothing when it must and
/// is not among those whose header is believed.
std::optional<ProxyHeader> proxy_header_of(const net::ProxyHeaderOptions& options,
                                           const common::IpAddress& peer);

/// `tls`: spoken behind that header; null: not at all.
/// Serves one client connection from now until it ends: heads in, an exchange for each, one after
/// the other.
void serve_client(WorkerContext& worker, net::Socket socket, common::IpAddress address,
                  telemetry::ListenerId listener, ProxyHeader header = ProxyHeader::None,
                  std::shared_ptr<const tls::Server> tls = nullptr);

}  // namespace lb::proxy
