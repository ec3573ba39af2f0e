#pragma once

#include "lb/upstream/endpoint.hpp"
#include "lb/upstream/upstream_options.hpp"

namespace lb::upstream {

/// Makes of a connection just opened what the upstream asks for: TLS, or nothing more. An error
/// when the endpoint is not who it should be, or does not speak it.
net::Awaitable<boost::system::error_code> secure(Connection& opened, Endpoint& endpoint,
                                                 const UpstreamOptions& options,
                                                 telemetry::TlsCounters& counters);

}  // namespace lb::upstream
