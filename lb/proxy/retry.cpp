#include "lb/proxy/retry.hpp"

namespace lb::proxy {

std::optional<telemetry::Retry> may_retry(const FailedAttempt& failed,
                                          std::uint32_t most_attempts) {
  using telemetry::Retry;
  if (failed.attempts >= most_attempts || !failed.body_held) return std::nullopt;
  switch (failed.trouble) {
    case Trouble::NotConnected:
    case Trouble::ConnectTimeout:
      return Retry::NotConnected;
    case Trouble::ConnectionDied:
      if (!failed.reached) return Retry::NotConnected;
      if (!failed.may_repeat) return std::nullopt;
      return failed.endpoint_lost ? Retry::EndpointLost : Retry::ConnectionDied;
    default:
      return std::nullopt;
  }
}

}  // namespace lb::proxy
