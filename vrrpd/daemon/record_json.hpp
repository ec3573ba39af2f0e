#pragma once

#include "vrrpd/recorder/recorder.hpp"

#include <string>

namespace vrrp::daemon {

/// What /api/v1/record answers: `events`, oldest first, and `transitions`, each the events of its
/// router that led to it.
std::string record_json(const recorder::Recorder& recorder);

}  // namespace vrrp::daemon
