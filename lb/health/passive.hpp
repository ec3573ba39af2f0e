#pragma once

#include <chrono>
#include <cstdint>

namespace lb::health {

/// What an exchange says of its endpoint.
enum class Verdict : std::uint8_t {
  Good,
  Bad,
  Nothing,  // the client left, or we gave up
};

/// What an answer of this status says. 500 and 501 are about the request as often as about the
/// endpoint: a client who knows one that fails must not be able to take endpoints out with it. They
/// count for the success rate.
constexpr Verdict verdict_of(unsigned status) {
  return status >= 502 && status <= 504 ? Verdict::Bad : Verdict::Good;
}

/// What workers tell the control thread at once.
enum class PassiveEvent : std::uint8_t { ConsecutiveFailures };

}  // namespace lb::health
