#include "lb/health/endpoint_health.hpp"

namespace lb::health {

std::string_view to_string(ProbeResult result) {
  switch (result) {
    case ProbeResult::Passed:
      return "passed";
    case ProbeResult::Refused:
      return "connection refused";
    case ProbeResult::TimedOut:
      return "no answer in time";
    case ProbeResult::Broken:
      return "no HTTP answer";
    case ProbeResult::WrongStatus:
      return "unexpected status";
    case ProbeResult::WrongContent:
      return "unexpected content";
  }
  return "";
}

std::string_view to_string(State state) {
  switch (state) {
    case State::Unchecked:
      return "unchecked";
    case State::Up:
      return "up";
    case State::Down:
      return "down";
  }
  return "";
}

EndpointHealth::EndpointHealth(common::Hysteresis::Options options) : hysteresis_{options, true} {}

bool EndpointHealth::on_probe(ProbeResult result, common::TimePoint now) {
  last_result_ = result;
  const bool turned = hysteresis_.on_result(result == ProbeResult::Passed);
  const bool first_pass = state_ == State::Unchecked && result == ProbeResult::Passed;
  if (!turned && !first_pass) return false;
  state_ = hysteresis_.good() ? State::Up : State::Down;
  changed_at_ = now;
  return true;
}

}  // namespace lb::health
