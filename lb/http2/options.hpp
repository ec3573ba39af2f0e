#pragma once

#include "common/units.hpp"

#include <chrono>
#include <cstdint>

namespace lb::http2 {

/// How a listener speaks HTTP/2. A connection holds no more than `connection_window` of what its
/// client has sent, and `Stream::kMostHeld` for each stream of what it has not taken.
struct Options {
  std::uint32_t max_concurrent_streams{100};
  common::Bytes stream_window{256U << 10U};    // content of one request that is on its way
  common::Bytes connection_window{1U << 20U};  // of all requests

  bool operator==(const Options&) const = default;
};

/// How long a client may take.
struct Times {
  std::chrono::milliseconds head{10'000};  // to its first request; from a head's begin to its end
  std::chrono::milliseconds keep_alive{60'000};  // without a stream
  std::chrono::milliseconds send{30'000};        // without taking a piece of what is to be sent
};

}  // namespace lb::http2
