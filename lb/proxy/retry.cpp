#include "lb/proxy/retry.hpp"

#include <algorithm>

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
    case Trouble::AnswerTimeout:
      if (!failed.try_timed_out || !failed.may_repeat) return std::nullopt;
      return Retry::TryTimeout;
    default:
      return std::nullopt;
  }
}

bool may_retry_there(const FailedAttempt& failed) {
  return failed.trouble == Trouble::NotConnected ||
         (failed.trouble == Trouble::ConnectionDied && !failed.reached);
}

common::Duration back_off(const upstream::RetryOptions& options, std::uint32_t attempts,
                          std::uint64_t random) {
  constexpr std::uint32_t kMostDoublings = 16;
  const auto doublings = std::min(attempts > 0 ? attempts - 1 : 0, kMostDoublings);
  const common::Duration whole = std::min(options.backoff * (1 << doublings), options.most_backoff);
  return whole - whole / 2 * static_cast<std::int64_t>(random % 101) / 100;
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
