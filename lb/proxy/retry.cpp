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

telemetry::Outcome outcome_of(Trouble trouble) {
  using telemetry::Outcome;
  switch (trouble) {
    case Trouble::NotConnected:
      return Outcome::NotConnected;
    case Trouble::ConnectTimeout:
      return Outcome::ConnectTimeout;
    case Trouble::ConnectionDied:
    case Trouble::AnswerCut:
      return Outcome::ConnectionDied;
    case Trouble::AnswerTimeout:
      return Outcome::Timeout;
    case Trouble::BadAnswer:
      return Outcome::BadAnswer;
    default:
      return Outcome::Abandoned;
  }
}

}  // namespace lb::proxy
