#pragma once

#include "common/units.hpp"

#include <chrono>
#include <cstdint>

namespace lb::http2 {

/// How a listener speaks HTTP/2. A connection holds no more than `connection_window` of what its
/// client has sent, and `LeavingContent::kMostHeld` for each stream of what it has not taken.
struct Options {
  std::uint32_t max_concurrent_streams{100};
  common::Bytes stream_window{256U << 10U};    // content of one request that is on its way
  common::Bytes connection_window{1U << 20U};  // of all requests

  bool operator==(const Options&) const = default;
};

/// How endpoints of an upstream are spoken to. A connection holds no more than `stream_window` for
/// each of its streams of what a client has not taken yet, so that a slow one stops nobody else,
/// and `LeavingContent::kMostHeld` of what the endpoint has not taken.
struct EndpointOptions {
  bool enabled{false};
  std::uint32_t connections{4};               // to an endpoint, of each worker
  std::uint32_t max_concurrent_streams{100};  // of a connection; the endpoint may allow less
  common::Bytes stream_window{128U << 10U};

  bool operator==(const EndpointOptions&) const = default;
};

/// How long a client may take.
struct Times {
  std::chrono::milliseconds head{10'000};  // to its first request; from a head's begin to its end
  std::chrono::milliseconds keep_alive{60'000};  // without a stream
  std::chrono::milliseconds send{30'000};        // without taking a piece of what is to be sent
};

}  // namespace lb::http2
