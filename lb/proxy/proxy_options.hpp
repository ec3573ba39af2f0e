#pragma once

#include "common/units.hpp"
#include "lb/http1/limits.hpp"
#include "lb/proxy/client_origin.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace lb::proxy {

/// How long a client may take; those towards endpoints stand with the upstream.
struct Timeouts {
  std::chrono::milliseconds handshake{10'000};   // of TLS, as a whole
  std::chrono::milliseconds head{10'000};        // from the first octet of a head to its end; 408
  std::chrono::milliseconds body{30'000};        // between two pieces of a request body; 408
  std::chrono::milliseconds body_grace{30'000};  // of waiting for it, before its rate counts
  std::chrono::milliseconds send{30'000};        // without the client taking a piece of the answer
  std::chrono::milliseconds keep_alive{60'000};  // between two requests
  std::chrono::milliseconds total{3'600'000};    // one exchange, whatever it does, but a tunnel
  std::chrono::milliseconds tunnel{3'600'000};   // without an octet either way after an upgrade
  std::chrono::milliseconds go_ahead{500};       // for an endpoint's 100 (Continue); then ours
};

struct Limits {
  http1::Limits message;
  common::Bytes body{16U << 20U};     // content of one request; 413 beyond
  common::Bytes body_rate{500};       // a second, of content that an endpoint waits for; 408
  common::Bytes replay{64U << 10U};   // a body up to this size is held until the answer begins
  std::uint32_t attempts{3};          // of one request, the first included
  std::uint32_t interim_answers{8};   // 1xx before a final answer
  std::uint32_t connections{20'000};  // of clients, for each worker
  std::uint32_t requests{10'000};     // on one connection, which ends with the last one's answer
};

struct ProxyOptions {
  Timeouts timeouts;
  Limits limits;
  TrustedProxies trusted_proxies;  // whose Forwarded and X-Forwarded-* are believed; default nobody
};

/// What holds for the content and the answer of a request once its route is known.
struct Bounds {
  std::uint64_t body;       // octets of content; 413 beyond
  std::uint64_t body_rate;  // octets a second; 0: any
  std::chrono::milliseconds body_idle;
  std::chrono::milliseconds body_grace;
  std::chrono::milliseconds total;
  std::chrono::milliseconds tunnel;
  std::chrono::milliseconds first_byte{0};     // 0: as the upstream has it
  std::chrono::milliseconds between_bytes{0};  // 0: as the upstream has it
};

/// Where a route says nothing.
inline Bounds bounds_of(const ProxyOptions& options) {
  return {.body = options.limits.body.value,
          .body_rate = options.limits.body_rate.value,
          .body_idle = options.timeouts.body,
          .body_grace = options.timeouts.body_grace,
          .total = options.timeouts.total,
          .tunnel = options.timeouts.tunnel};
}

/// Room in a buffer beyond the largest head, for the fields that lbd adds.
inline constexpr std::size_t kAddedFields = 2 * 1024;

}  // namespace lb::proxy
