#pragma once

#include "lb/http2/options.hpp"
#include "lb/tls/server.hpp"

#include <memory>
#include <optional>

namespace lb::proxy {

/// What is spoken at a listener beside HTTP/1.
struct Protocols {
  std::shared_ptr<const tls::Server> tls;  // null: plain TCP
  std::optional<http2::Options> http2;     // by ALPN, or by a client that knows before
};

}  // namespace lb::proxy
