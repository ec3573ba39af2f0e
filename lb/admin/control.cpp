#include "lb/admin/control.hpp"

namespace lb::admin {

std::string_view to_string(EndpointState state) {
  switch (state) {
    case EndpointState::Draining:
      return "draining";
    case EndpointState::Down:
      return "down";
    case EndpointState::Ejected:
      return "ejected";
    case EndpointState::Open:
      return "circuit_open";
    case EndpointState::Unchecked:
      return "unchecked";
    case EndpointState::Up:
      return "up";
  }
  return "unknown";
}

std::string_view to_string(EndpointSource source) {
  switch (source) {
    case EndpointSource::Configuration:
      return "configuration";
    case EndpointSource::Dns:
      return "dns";
    case EndpointSource::File:
      return "file";
    case EndpointSource::Operator:
      return "operator";
  }
  return "unknown";
}

}  // namespace lb::admin
