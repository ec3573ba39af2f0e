#pragma once

#include "lb/proxy/refusal.hpp"
#include "lb/telemetry/counters.hpp"

#include <cstdint>
#include <optional>

namespace lb::proxy {

/// What is known when an attempt has failed before any octet of an answer.
struct FailedAttempt {
  Trouble trouble{Trouble::NotConnected};
  bool reached{false};        // some of the request may have come to the endpoint's hands
  bool endpoint_lost{false};  // the checks took the endpoint out
  bool may_repeat{false};     // the client allows the request to be done twice
  bool body_held{true};       // there is no body, or all of it is still at hand
  std::uint32_t attempts{1};  // made so far
};

/// Why the request may be sent once more, or nothing when it may not: RFC 9110 §9.2.2. Never when
/// the endpoint could have done what was asked and the request is not one that may be done twice;
/// never after an answer has begun, was malformed or was merely slow.
std::optional<telemetry::Retry> may_retry(const FailedAttempt& failed, std::uint32_t most_attempts);

/// What an attempt that failed so counts as.
telemetry::Outcome outcome_of(Trouble trouble);

}  // namespace lb::proxy
