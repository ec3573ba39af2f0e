#pragma once

#include "lb/proxy/refusal.hpp"
#include "lb/telemetry/counters.hpp"
#include "lb/upstream/upstream_options.hpp"

#include <cstdint>
#include <optional>

namespace lb::proxy {

/// What is known when an attempt has failed before any octet of an answer.
struct FailedAttempt {
  Trouble trouble{Trouble::NotConnected};
  bool reached{false};        // some of the request may have come to the endpoint's hands
  bool endpoint_lost{false};  // the checks took the endpoint out
  bool try_timed_out{false};  // it was cut short so that somebody else could be asked
  bool may_repeat{false};     // the client allows the request to be done twice
  bool body_held{true};       // there is no body, or all of it is still at hand
  std::uint32_t attempts{1};  // made so far
};

/// Why the request may be sent once more, or nothing when it may not: RFC 9110 §9.2.2. Never when
/// the endpoint could have done what was asked and the request is not one that may be done twice;
/// never after an answer has begun, was malformed or was slower than an answer may be.
std::optional<telemetry::Retry> may_retry(const FailedAttempt& failed, std::uint32_t most_attempts);

/// Whether an endpoint that was asked already may be asked again when nobody else is left: it was
/// not there just now, as while it starts anew.
bool may_retry_there(const FailedAttempt& failed);

/// How long to wait before an endpoint is asked again: doubles with each attempt, with up to a half
/// of it left out, so that who failed together does not come back together. `random`: any number.
common::Duration back_off(const upstream::RetryOptions& options, std::uint32_t attempts,
                          std::uint64_t random);

/// What an attempt that failed so counts as.
telemetry::Outcome outcome_of(Trouble trouble);

}  // namespace lb::proxy
